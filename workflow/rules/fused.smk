# All steps of a data set as one job, for data sets that take less time than starting a process for each step (`fuse`).
# There is a rule for each set of files that data sets have. With groups one job makes the networks of all groups: a
# checkpoint, since the groups are not known before. If a file of a group is lost, the rule for data sets makes those of
# this group again.


for NAME in dict.fromkeys(map(fused_files, FUSED)):

    rule:
        name:
            "_".join(["infer", *NAME])
        input:
            matrix=file_of("matrix"),
            regulators=file_of("regulators"),
            targets=file_of("targets"),
            keep=file_of("keep"),
            control_genes=file_of("control_genes"),
            pairs=file_of("pairs"),
            table=file_of("table"),
            gene_table=file_of("gene_table"),
            truth=file_of("truth"),
            gene_sets=file_of("gene_sets"),
            levels=ancient(levels_of),
        output:
            summary="<results>/{dataset}/summary.json",
            expression="<results>/{dataset}/expression.h5ad",
            bins="<results>/{dataset}/bins.h5ad",
            null="<results>/{dataset}/null.npz",
            mi=[f"<results>/{{dataset}}/mi/{k}.parquet" for k in range(n_blocks_of(NAME))],
            edges="<results>/{dataset}/edges.parquet",
            stability=["<results>/{dataset}/stability.parquet"] if "stability" in NAME else [],
            pruned="<results>/{dataset}/pruned.parquet",
            confounding=["<results>/{dataset}/confounding.tsv"] if "strata" in NAME else [],
            network="<results>/{dataset}/network.graphml",
            folder=directory("<results>/{dataset}/export"),
            manifest="<results>/{dataset}/manifest.json",
            page=(
                []
                if "without_report" in NAME
                else report(
                    "<results>/{dataset}/report.html",
                    caption="../report/page.rst",
                    category="Networks",
                    labels={"data set": "{dataset}"},
                )
            ),
        log:
            "<logs>/{dataset}/infer.log",
        benchmark:
            "<benchmarks>/{dataset}/infer.tsv"
        wildcard_constraints:
            dataset=any_of([name for name in FUSED if fused_files(name) == NAME]),
        conda:
            "../envs/genenet.yaml"
        threads: threads_of_all
        resources:
            mem_mb=ask_all("mem_mb"),
            runtime=ask_all("runtime"),
        params:
            version=genenet.__version__,
            options=options_of("manifest"),
            files=named(*FILE_OPTIONS),
            group=group_of,
            name=name_of,
            folder=lambda wildcards, output: Path(output.summary).parent,
        shell:
            "genenet infer"
            " {input.matrix:q}"
            " {params.files:q}"
            " {params.group:q}"
            " {params.options:q}"
            " --name {params.name:q}"
            " --threads {threads}"
            " --all-files"
            " --output {params.folder:q}"
            " > {log:q} 2>&1"


for NAME in dict.fromkeys(fused_rule(name) for name in FUSED if name in GROUPED):

    checkpoint:
        name:
            NAME
        input:
            matrix=file_of("matrix"),
            regulators=file_of("regulators"),
            targets=file_of("targets"),
            keep=file_of("keep"),
            control_genes=file_of("control_genes"),
            pairs=file_of("pairs"),
            table=file_of("table"),
            gene_table=file_of("gene_table"),
            truth=file_of("truth"),
            gene_sets=file_of("gene_sets"),
        output:
            groups="<results>/{grouped}/groups.tsv",
            levels="<results>/{grouped}/levels.tsv",
            edges="<results>/{grouped}/edges_by_group.tsv",
            manifest="<results>/{grouped}/manifest.json",
            page=(
                []
                if NAME.endswith("without_report")
                else report(
                    "<results>/{grouped}/report.html",
                    caption="../report/groups.rst",
                    category="Networks",
                    labels={"data set": "{grouped}"},
                )
            ),
        log:
            "<logs>/{grouped}/infer.log",
        benchmark:
            "<benchmarks>/{grouped}/infer.tsv"
        wildcard_constraints:
            grouped=any_grouped([name for name in FUSED if name in GROUPED and fused_rule(name) == NAME]),
        conda:
            "../envs/genenet.yaml"
        threads: threads_of_all
        resources:
            mem_mb=ask_all("mem_mb"),
            runtime=ask_all("runtime"),
        params:
            version=genenet.__version__,
            options=options_of("manifest"),
            files=named(*FILE_OPTIONS),
            group_by=lambda wildcards: dataset_of(wildcards).files.group_by,
            folder=lambda wildcards, output: Path(output.groups).parent,
        shell:
            "genenet infer"
            " {input.matrix:q}"
            " {params.files:q}"
            " --group-by {params.group_by:q}"
            " {params.options:q}"
            " --name {wildcards.grouped:q}"
            " --threads {threads}"
            " --all-files"
            " --output {params.folder:q}"
            " > {log:q} 2>&1"
