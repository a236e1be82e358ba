# Data sets that name a file which cannot be read, beside others that are run all the same (--keep-going).


if MISSING or not workflow.is_main_process:

    rule find_files:
        output:
            touch("<logs>/{dataset}/files_are_there"),
        log:
            "<logs>/{dataset}/find_files.log",
        wildcard_constraints:
            dataset="[^/]+",
        priority: 2
        retries: 0
        localrule: True
        params:
            problems=lambda wildcards: [f"ERROR: {line}" for line in missing_files(CONFIG)[wildcards.dataset]],
        shell:
            "printf '%s\\n' {params.problems:q} > {log:q}; exit 2"
