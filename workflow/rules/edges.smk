# Edges: which pairs are significant, and which of those are direct.


rule significance:
    input:
        mi=blocks_of("<results>/{dataset}/mi/{block}.parquet"),
        bins="<results>/{dataset}/bins.h5ad",
        null="<results>/{dataset}/null.npz",
    output:
        edges="<results>/{dataset}/edges.parquet",
    log:
        "<logs>/{dataset}/significance.log",
    benchmark:
        "<benchmarks>/{dataset}/significance.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 8
    resources:
        mem_mb=ask("significance", "mem_mb"),
        runtime=ask("significance", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("significance"),
        mi=each("--mi", "mi"),
    shell:
        "genenet significance"
        " {params.mi:q}"
        " --bins {input.bins:q}"
        " --null {input.null:q}"
        " {params.options:q}"
        " --threads {threads}"
        " --output {output.edges:q}"
        " > {log:q} 2>&1"


rule stability:
    input:
        bins="<results>/{dataset}/bins.h5ad",
        expression="<results>/{dataset}/expression.h5ad",
        edges="<results>/{dataset}/edges.parquet",
    output:
        stability="<results>/{dataset}/stability.parquet",
    log:
        "<logs>/{dataset}/stability.log",
    benchmark:
        "<benchmarks>/{dataset}/stability.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 8
    resources:
        mem_mb=ask("stability", "mem_mb"),
        runtime=ask("stability", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("stability"),
    shell:
        "genenet stability"
        " --bins {input.bins:q}"
        " --expression {input.expression:q}"
        " --edges {input.edges:q}"
        " {params.options:q}"
        " --threads {threads}"
        " --output {output.stability:q}"
        " > {log:q} 2>&1"


rule prune:
    input:
        edges="<results>/{dataset}/edges.parquet",
        expression="<results>/{dataset}/expression.h5ad",
        bins="<results>/{dataset}/bins.h5ad",
        stability=stability_of("<results>/{dataset}/stability.parquet"),
    output:
        pruned="<results>/{dataset}/pruned.parquet",
    log:
        "<logs>/{dataset}/prune.log",
    benchmark:
        "<benchmarks>/{dataset}/prune.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 8
    resources:
        mem_mb=ask("prune", "mem_mb"),
        runtime=ask("prune", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("prune"),
        stability=each("--stability-file", "stability"),
    shell:
        "genenet prune"
        " --edges {input.edges:q}"
        " --expression {input.expression:q}"
        " --bins {input.bins:q}"
        " {params.stability:q}"
        " {params.options:q}"
        " --threads {threads}"
        " --output {output.pruned:q}"
        " > {log:q} 2>&1"


rule confounding:
    input:
        expression="<results>/{dataset}/expression.h5ad",
        bins="<results>/{dataset}/bins.h5ad",
        null="<results>/{dataset}/null.npz",
        edges="<results>/{dataset}/edges.parquet",
        pruned="<results>/{dataset}/pruned.parquet",
    output:
        confounding="<results>/{dataset}/confounding.tsv",
    log:
        "<logs>/{dataset}/confounding.log",
    benchmark:
        "<benchmarks>/{dataset}/confounding.tsv"
    conda:
        "../envs/genenet.yaml"
    threads: 8
    resources:
        mem_mb=ask("confounding", "mem_mb"),
        runtime=ask("confounding", "runtime"),
    params:
        version=genenet.__version__,
        options=options_of("confounding"),
    shell:
        "genenet confounding"
        " --expression {input.expression:q}"
        " --bins {input.bins:q}"
        " --null {input.null:q}"
        " --edges {input.edges:q}"
        " --pruned {input.pruned:q}"
        " {params.options:q}"
        " --threads {threads}"
        " --output {output.confounding:q}"
        " > {log:q} 2>&1"
