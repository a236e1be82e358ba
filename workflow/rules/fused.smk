# All steps of a data set as one job, for data sets that take less time than starting a process for each step (`fuse`).
# There is a rule for each set of files that data sets have. With groups one job makes the networks of all groups: a
# checkpoint, since the groups are not known before. If a file of a group is lost, a rule for single groups makes those of
# this group again; what has changed since is for the checkpoint.
#
# The job replaces the files of an earlier run when all the new ones are complete, and Snakemake leaves them in their places
# (`update`) until then. Whether they are of the last run is told by `.complete`, which is removed when a job begins; that of
# a data set with groups is for all of them.
INFER = (
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
)


for NAME in dict.fromkeys(map(fused_files, FUSED)):
    LIKE_THIS = [name for name in FUSED if fused_files(name) == NAME]

    rule:
        name:
            "_".join(["infer", *NAME])
        input:
            **({name: ancient(file) for name, file in FILES.items()} if "group" in NAME else FILES),
            none=after_failure,
            levels=ancient(levels_of),
        output:
            summary=update("<results>/{dataset}/summary.json"),
            expression=update("<results>/{dataset}/expression.h5ad"),
            bins=update("<results>/{dataset}/bins.h5ad"),
            null=update("<results>/{dataset}/null.npz"),
            mi=update(blocks(LIKE_THIS[0])),
            edges=update("<results>/{dataset}/edges.parquet"),
            stability=update(["<results>/{dataset}/stability.parquet"] if "stability" in NAME else []),
            pruned=update("<results>/{dataset}/pruned.parquet"),
            confounding=update(["<results>/{dataset}/confounding.tsv"] if "strata" in NAME else []),
            network=update("<results>/{dataset}/network.graphml"),
            export=update(exports(LIKE_THIS[0])),
            manifest=update("<results>/{dataset}/manifest.json"),
            page=(
                []
                if "without_report" in NAME
                else report(
                    update("<results>/{dataset}/report.html"),
                    caption="../report/page.rst",
                    category="Networks",
                    labels={"data set": "{dataset}"},
                )
            ),
            complete=[] if "group" in NAME else touch("<results>/{dataset}/.complete"),
        log:
            "<logs>/{dataset}/infer.log",
        benchmark:
            "<benchmarks>/{dataset}/infer.tsv"
        wildcard_constraints:
            dataset=any_of(LIKE_THIS),
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
            folder=folder_of("summary"),
        shell:
            INFER


for NAME in dict.fromkeys(fused_rule(name) for name in FUSED if name in GROUPED):

    checkpoint:
        name:
            NAME
        input:
            **FILES,
            none=after_failure,
        output:
            groups=update("<results>/{grouped}/groups.tsv"),
            levels=update("<results>/{grouped}/levels.tsv"),
            edges=update("<results>/{grouped}/edges_by_group.tsv"),
            manifest=update("<results>/{grouped}/manifest.json"),
            page=(
                []
                if NAME.endswith("without_report")
                else report(
                    update("<results>/{grouped}/report.html"),
                    caption="../report/groups.rst",
                    category="Networks",
                    labels={"data set": "{grouped}"},
                )
            ),
            complete=touch("<results>/{grouped}/.complete"),
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
            group=lambda wildcards: [f"--group-by={dataset_of(wildcards).files.group_by}"],
            name=name_of,
            folder=folder_of("groups"),
        shell:
            INFER
