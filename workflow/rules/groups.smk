# Data sets with `group_by`: the groups of samples, and the comparison of their networks. For all the other rules each
# group is a data set `NAME/GROUP`.


checkpoint levels:
    input:
        matrix=file_of("matrix"),
        table=file_of("table"),
    output:
        levels="<results>/{grouped}/levels.tsv",
    log:
        "<logs>/{grouped}/levels.log",
    benchmark:
        "<benchmarks>/{grouped}/levels.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=ask("prepare", "mem_mb"),
        runtime=ask("prepare", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("levels"),
        table=named("table"),
        group_by=lambda wildcards: dataset_of(wildcards).files.group_by,
    shell:
        "genenet levels"
        " --matrix {input.matrix:q}"
        " {params.table:q}"
        " --group-by {params.group_by:q}"
        " {params.options:q}"
        " --output {output.levels:q}"
        " > {log:q} 2>&1"


rule compare:
    input:
        **FILES,
        levels="<results>/{grouped}/levels.tsv",
        pruned=of_groups("<results>/{dataset}/pruned.parquet"),
        summary=of_groups("<results>/{dataset}/summary.json"),
        manifest=of_groups("<results>/{dataset}/manifest.json"),
    output:
        groups="<results>/{grouped}/groups.tsv",
        edges="<results>/{grouped}/edges_by_group.tsv",
        manifest=update("<results>/{grouped}/manifest.json"),  # read for groups that are no more
    log:
        "<logs>/{grouped}/compare.log",
    benchmark:
        "<benchmarks>/{grouped}/compare.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=ask("export", "mem_mb"),
        runtime=ask("export", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("compare"),
        inputs=named(*FILE_KEYS),
        group_by=lambda wildcards: dataset_of(wildcards).files.group_by,
        folder=folder_of("groups"),
    shell:
        "genenet compare"
        " --levels {input.levels:q}"
        " {params.inputs:q}"
        " --group-by {params.group_by:q}"
        " --name {wildcards.grouped:q}"
        " {params.options:q}"
        " --output {params.folder:q}"
        " > {log:q} 2>&1"


rule differential:
    input:
        matrix=file_of("matrix"),
        regulators=file_of("regulators"),
        targets=file_of("targets"),
        table=file_of("table"),
        gene_table=file_of("gene_table"),
        groups="<results>/{grouped}/groups.tsv",
        pruned=of_groups("<results>/{dataset}/pruned.parquet"),
    output:
        pairs="<results>/{grouped}/differential/differential_pairs.tsv",
        genes="<results>/{grouped}/differential/differential_genes.tsv",
        graphml="<results>/{grouped}/differential/differential.graphml",
        cx2="<results>/{grouped}/differential/differential.cx2",
        summary="<results>/{grouped}/differential/summary.json",
        manifest="<results>/{grouped}/differential/manifest.json",
        page=report(
            "<results>/{grouped}/differential/report.html",
            caption="../report/differential.rst",
            category="Networks",
            labels={"data set": "{grouped}, differences"},
        ),
    log:
        "<logs>/{grouped}/differential.log",
    benchmark:
        "<benchmarks>/{grouped}/differential.tsv"
    wildcard_constraints:
        grouped=any_grouped(GROUPED),
    conda:
        "../envs/genenet.yaml"
    threads: 4
    resources:
        mem_mb=ask("information", "mem_mb", times=3),
        runtime=ask("information", "runtime", times=100),
    params:
        version=genenet.__version__,
        options=options_of("differential"),
        inputs=named("regulators", "targets", "table", "gene_table"),
        group_by=lambda wildcards: dataset_of(wildcards).files.group_by,
        networks=lambda wildcards, input: Path(input.groups).parent,
        folder=folder_of("pairs"),
    shell:
        "genenet differential"
        " {input.matrix:q}"
        " {params.inputs:q}"
        " --group-by {params.group_by:q}"
        " --networks {params.networks:q}"
        " {params.options:q}"
        " --name {wildcards.grouped:q}"
        " --threads {threads}"
        " --output {params.folder:q}"
        " > {log:q} 2>&1"


rule report_groups:
    input:
        groups="<results>/{grouped}/groups.tsv",
        edges="<results>/{grouped}/edges_by_group.tsv",
    output:
        page=report(
            "<results>/{grouped}/report.html",
            caption="../report/groups.rst",
            category="Networks",
            labels={"data set": "{grouped}"},
        ),
    log:
        "<logs>/{grouped}/report_groups.log",
    benchmark:
        "<benchmarks>/{grouped}/report_groups.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=ask("report", "mem_mb"),
        runtime=ask("report", "runtime"),
    params:
        version=genenet.__version__,
        folder=lambda wildcards, input: Path(input.groups).parent,
    shell:
        "genenet report"
        " {params.folder:q}"
        " --name {wildcards.grouped:q}"
        " --output {output.page:q}"
        " > {log:q} 2>&1"
