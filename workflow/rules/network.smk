# The network: the graph, the files that other programs open, and the summary.


rule network:
    input:
        edges="<results>/{dataset}/pruned.parquet",
        expression="<results>/{dataset}/expression.h5ad",
        confounding=confounding_of,
    output:
        network="<results>/{dataset}/network.graphml",
    log:
        "<logs>/{dataset}/network.log",
    benchmark:
        "<benchmarks>/{dataset}/network.tsv"
    priority: 1  # before export, which waits for the same files
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=ask("network", "mem_mb"),
        runtime=ask("network", "runtime"),
    params:
        version=genenet.__version__,
        confounding=named("confounding"),
        options=options_of("network"),
    shell:
        "genenet network"
        " --edges {input.edges:q}"
        " --expression {input.expression:q}"
        " {params.confounding:q}"
        " --name {wildcards.dataset:q}"
        " {params.options:q}"
        " --output {output.network:q}"
        " > {log:q} 2>&1"


# There is a rule for each set of formats that data sets have, so that every file is known.
BY_RULES = [name for name in CONFIG.datasets if name not in FUSED and exports(name)]
for FORMATS in dict.fromkeys(tuple(other_formats(name)) for name in BY_RULES):
    LIKE_THIS = [name for name in BY_RULES if tuple(other_formats(name)) == FORMATS]

    rule:
        name:
            "_".join(["export", *FORMATS])
        input:
            edges="<results>/{dataset}/pruned.parquet",
            expression="<results>/{dataset}/expression.h5ad",
            confounding=confounding_of,
            bins="<results>/{dataset}/bins.h5ad",
        output:
            files=exports(LIKE_THIS[0]),
        log:
            "<logs>/{dataset}/export.log",
        benchmark:
            "<benchmarks>/{dataset}/export.tsv"
        wildcard_constraints:
            dataset=any_of(LIKE_THIS),
        # Rules of the same step are in the same group of jobs, if the profile has one; it is known after this file is read.
        group:
            lambda wildcards: workflow.group_settings.overwrite_groups.get("export")
        conda:
            "../envs/genenet.yaml"
        threads: 1
        resources:
            mem_mb=ask("export", "mem_mb"),
            runtime=ask("export", "runtime"),
        params:
            version=genenet.__version__,
            confounding=named("confounding"),
            options=options_of("export"),
            folder=lambda wildcards, output: Path(output[0]).parent,
        shell:
            "genenet export"
            " --edges {input.edges:q}"
            " --expression {input.expression:q}"
            " {params.confounding:q}"
            " --bins {input.bins:q}"
            " --name {wildcards.dataset:q}"
            " {params.options:q}"
            " --threads {threads}"
            " --replace"
            " --output {params.folder:q}"
            " > {log:q} 2>&1"


rule summary:
    input:
        expression="<results>/{dataset}/expression.h5ad",
        edges="<results>/{dataset}/edges.parquet",
        pruned="<results>/{dataset}/pruned.parquet",
        exported=lambda wildcards: exports(name_of(wildcards)),
        confounding=confounding_of,
        truth=file_of("truth"),
        benchmarks=[
            "<benchmarks>/{dataset}/prepare.tsv",
            "<benchmarks>/{dataset}/discretise.tsv",
            "<benchmarks>/{dataset}/permutation.tsv",
            "<benchmarks>/{dataset}/significance.tsv",
            "<benchmarks>/{dataset}/prune.tsv",
            "<benchmarks>/{dataset}/network.tsv",
        ],
        export_benchmark=export_benchmark_of,
        block_benchmarks=blocks_of("<benchmarks>/{dataset}/information/{block}.tsv"),
        stability=stability_of("<benchmarks>/{dataset}/stability.tsv"),
        strata_benchmarks=confounding_benchmark_of,
    output:
        summary="<results>/{dataset}/summary.json",
    log:
        "<logs>/{dataset}/summary.log",
    benchmark:
        "<benchmarks>/{dataset}/summary.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=ask("summary", "mem_mb"),
        runtime=ask("summary", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("summary"),
        confounding=named("confounding"),
        exported=lambda wildcards, input: [
            f"--exported={Path(path).parent}" for path in as_list(input.get("exported", []))[:1]
        ],
        truth=each("--truth", "truth"),
        benchmarks=each("--benchmark", "benchmarks", "export_benchmark"),
        block_benchmarks=each("--benchmark", "block_benchmarks", "strata_benchmarks"),
        unused=unused_of,
        stability=each("--benchmark", "stability"),
    shell:
        "genenet summary"
        " --expression {input.expression:q}"
        " --edges {input.edges:q}"
        " --pruned {input.pruned:q}"
        " {params.exported:q}"
        " {params.confounding:q}"
        " {params.truth:q}"
        " {params.benchmarks:q}"
        " {params.block_benchmarks:q}"
        " {params.unused:q}"
        " {params.stability:q}"
        " {params.options:q}"
        " --output {output.summary:q}"
        " > {log:q} 2>&1"


rule manifest:
    input:
        **FILES,
        expression="<results>/{dataset}/expression.h5ad",
        outputs=[
            "<results>/{dataset}/bins.h5ad",
            "<results>/{dataset}/null.npz",
            "<results>/{dataset}/edges.parquet",
            "<results>/{dataset}/pruned.parquet",
            "<results>/{dataset}/network.graphml",
            "<results>/{dataset}/summary.json",
        ],
        export=lambda wildcards: exports(name_of(wildcards)),
        confounding=confounding_of,
        mi=blocks_of("<results>/{dataset}/mi/{block}.parquet"),
        stability=stability_of("<results>/{dataset}/stability.parquet"),
    output:
        manifest=update("<results>/{dataset}/manifest.json"),  # read for files that are no more
    log:
        "<logs>/{dataset}/manifest.log",
    benchmark:
        "<benchmarks>/{dataset}/manifest.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=ask("prepare", "mem_mb"),
        runtime=ask("export", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("manifest"),
        files=each("--file", "expression", "outputs", "export", "confounding", "mi", "stability"),
        inputs=named(*FILE_KEYS),
    shell:
        "genenet manifest"
        " --expression {input.expression:q}"
        " {params.files:q}"
        " {params.inputs:q}"
        " --name {wildcards.dataset:q}"
        " {params.options:q}"
        " --replace"
        " --output {output.manifest:q}"
        " > {log:q} 2>&1"


rule report:
    input:
        expression="<results>/{dataset}/expression.h5ad",
        pruned="<results>/{dataset}/pruned.parquet",
        confounding=confounding_of,
        summary="<results>/{dataset}/summary.json",
        manifest="<results>/{dataset}/manifest.json",
        truth=file_of("truth"),
        gene_sets=file_of("gene_sets"),
    output:
        page=report(
            "<results>/{dataset}/report.html",
            caption="../report/page.rst",
            category="Networks",
            labels={"data set": "{dataset}"},
        ),
    log:
        "<logs>/{dataset}/report.log",
    benchmark:
        "<benchmarks>/{dataset}/report.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=ask("report", "mem_mb"),
        runtime=ask("report", "runtime"),
    params:
        version=genenet.__version__,
        folder=lambda wildcards, input: Path(input.summary).parent,
        truth=each("--truth", "truth"),
        gene_sets=each("--gene-sets", "gene_sets"),
    shell:
        "genenet report"
        " {params.folder:q}"
        " --name {wildcards.dataset:q}"
        " {params.truth:q}"
        " {params.gene_sets:q}"
        " --output {output.page:q}"
        " > {log:q} 2>&1"
