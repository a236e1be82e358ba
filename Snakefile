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
        expand("<results>/{dataset}/network.graphml", dataset=DATASETS),
        expand("<results>/{dataset}/export", dataset=DATASETS),
        expand("<results>/{dataset}/summary.json", dataset=DATASETS),
        expand("<results>/{dataset}/manifest.json", dataset=DATASETS),
        # An intermediate file that was deleted is made again, even if no rule needs it any more.
        expand("<results>/{dataset}/{file}", dataset=DATASETS, file=INTERMEDIATE),
        expand(
            "<results>/{dataset}/mi/{block}.parquet",
            zip,
            dataset=[name for name, _ in BLOCKS],
            block=[block for _, block in BLOCKS],
        ),
        of_groups(*(f"<results>/{{dataset}}/{file}" for file in INTERMEDIATE)),
        blocks_of_groups("<results>/{dataset}/mi/{block}.parquet"),
        expand("<results>/{grouped}/edges_by_group.tsv", grouped=GROUPED),
        expand("<results>/{grouped}/differential/report.html", grouped=COMPARED),
        of_groups("<results>/{dataset}/network.graphml", "<results>/{dataset}/export"),
        expand(
            "<results>/{dataset}/report.html",
            dataset=[name for name in DATASETS if name in REPORTED],
        ),
        expand(
            "<results>/{grouped}/report.html",
            grouped=[name for name in GROUPED if name in REPORTED],
        ),
        of_groups(
            "<results>/{dataset}/report.html",
            among=[name for name in GROUPED if name in REPORTED],
        ),
        expand("<logs>/{dataset}/files_are_there", dataset=MISSING),


onsuccess:
    print_summaries()
