# Pairs of genes: bins, their null distribution, and the mutual information of all pairs in blocks.


rule discretise:
    input:
        expression="<results>/{dataset}/expression.h5ad",
    output:
        bins="<results>/{dataset}/bins.h5ad",
    log:
        "<logs>/{dataset}/discretise.log",
    benchmark:
        "<benchmarks>/{dataset}/discretise.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 8
    resources:
        mem_mb=ask("discretise", "mem_mb"),
        runtime=ask("discretise", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("discretise"),
    shell:
        "genenet discretise"
        " --expression {input.expression:q}"
        " {params.options:q}"
        " --threads {threads}"
        " --output {output.bins:q}"
        " > {log:q} 2>&1"


rule permutation:
    input:
        bins="<results>/{dataset}/bins.h5ad",
    output:
        null="<results>/{dataset}/null.npz",
    log:
        "<logs>/{dataset}/permutation.log",
    benchmark:
        "<benchmarks>/{dataset}/permutation.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 8
    resources:
        mem_mb=ask("permutation", "mem_mb"),
        runtime=ask("permutation", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("permutation"),
    shell:
        "genenet permutation"
        " --bins {input.bins:q}"
        " {params.options:q}"
        " --threads {threads}"
        " --output {output.null:q}"
        " > {log:q} 2>&1"


rule information:
    input:
        bins="<results>/{dataset}/bins.h5ad",
        null="<results>/{dataset}/null.npz",
    output:
        mi="<results>/{dataset}/mi/{block}.parquet",
    log:
        "<logs>/{dataset}/information/{block}.log",
    benchmark:
        "<benchmarks>/{dataset}/information/{block}.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 8
    resources:
        mem_mb=ask("information", "mem_mb"),
        runtime=ask("information", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("information"),
    shell:
        "genenet information"
        " --bins {input.bins:q}"
        " --null {input.null:q}"
        " --block {wildcards.block}"
        " {params.options:q}"
        " --threads {threads}"
        " --output {output.mi:q}"
        " > {log:q} 2>&1"
