# The matrix: the built-in example, and reading and checking.


rule simulate:
    output:
        expression="<results>/example/simulated/expression.tsv.gz",
        regulators="<results>/example/simulated/regulators.txt",
        truth="<results>/example/simulated/truth.tsv",
    log:
        "<logs>/example/simulate.log",
    benchmark:
        "<benchmarks>/example/simulate.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        version=genenet.__version__,
        folder=lambda wildcards, output: Path(output.expression).parent,
    shell:
        "genenet simulate" " --output {params.folder:q}" " > {log:q} 2>&1"


rule prepare:
    input:
        matrix=file_of("matrix"),
        regulators=file_of("regulators"),
        targets=file_of("targets"),
        keep=file_of("keep"),
        control_genes=file_of("control_genes"),
        pairs=file_of("pairs"),
        table=file_of("table"),
        gene_table=file_of("gene_table"),
        levels=levels_of,
    output:
        expression="<results>/{dataset}/expression.h5ad",
    log:
        "<logs>/{dataset}/prepare.log",
    benchmark:
        "<benchmarks>/{dataset}/prepare.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 1
    resources:
        mem_mb=ask("prepare", "mem_mb"),
        runtime=ask("prepare", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("prepare"),
        lists=named("regulators", "targets", "keep", "control_genes", "pairs", "table", "gene_table"),
        group=group_of,
    shell:
        "genenet prepare"
        " --matrix {input.matrix:q}"
        " {params.lists:q}"
        " {params.group:q}"
        " {params.options:q}"
        " --output {output.expression:q}"
        " > {log:q} 2>&1"
