# Gene co-dependency networks for any number of data sets: see config/config.yaml and README.md.
from snakemake.utils import min_version

min_version("9.12.0")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/expression.smk"
include: "workflow/rules/pairs.smk"
include: "workflow/rules/edges.smk"
include: "workflow/rules/network.smk"
include: "workflow/rules/groups.smk"
include: "workflow/rules/fused.smk"
include: "workflow/rules/missing.smk"


rule all:
    default_target: True
    input:
        after_change,
        files_of(DATASETS, *NETWORK),
        of_groups(*NETWORK),
        files_of([name for name in DATASETS if name in REPORTED], "<results>/{dataset}/report.html"),
        of_groups("<results>/{dataset}/report.html", among=[name for name in GROUPED if name in REPORTED]),
        expand("<results>/{grouped}/edges_by_group.tsv", grouped=GROUPED),
        expand("<results>/{grouped}/differential/report.html", grouped=COMPARED),
        expand("<results>/{grouped}/report.html", grouped=[name for name in GROUPED if name in REPORTED]),
        expand("<logs>/{dataset}/files_are_there", dataset=MISSING),


onstart:
    hold_at_work()
    for paths in CHANGED.values():
        keep_changed(paths, place("<results>"))
    keep_earlier(run_by_rules())


onsuccess:
    drop_earlier(run_by_rules())
    print_summaries()


onerror:
    for folder in drop_earlier(run_by_rules()):
        print(f"{folder} has the result of the run before, complete", file=sys.stderr)
