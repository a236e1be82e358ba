# The configuration, loaded and checked, and functions for the rules; there are no rules here.
import os
import re
import shlex
import sys
from itertools import chain
from pathlib import Path

from snakemake.settings.types import DeploymentMethod

import genenet
from genenet.config.faces import VARIABLE, speak
from genenet.config.unused import unused
from genenet.errors import GenenetError
from genenet.groups.levels import read_levels
from genenet.workflow.fuse import fused, hand_on, handed_on, request_of_all, was_run_by_rules
from genenet.workflow.datasets import FILE_KEYS
from genenet.workflow.plan import problem_of
from genenet.workflow.plan import request
from genenet.workflow.missing import asks_to_keep_going, refusal
from genenet.workflow import missing_files, step_options, workflow_from

# Messages name the keys of the configuration.
speak("workflow")

try:
    CONFIG = workflow_from(config)
except GenenetError as error:
    print(f"ERROR: {error}", file=sys.stderr)
    sys.exit(2)

CHECKOUT = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parents[1]

# Files that cannot be read stop the run before it begins, or with --keep-going their data set. They are only warned of where
# they may be made: by a rule of the user, whose workflow has this one as a module, or by a storage plugin.
MISSING = missing_files(CONFIG) if workflow.is_main_process else {}
if CHECKOUT not in Path(workflow.main_snakefile).parents or workflow.storage_settings.default_storage_provider:
    for line in chain.from_iterable(MISSING.values()):
        print(f"WARNING: {line}", file=sys.stderr)
    MISSING = {}
elif MISSING and not asks_to_keep_going(sys.argv) and "--unlock" not in sys.argv:
    print(*refusal(MISSING, CONFIG.datasets), sep="\n", file=sys.stderr)
    sys.exit(2)

# Data sets with groups, whose networks are those of data sets NAME/GROUP, and data sets without, one network each.
GROUPED = [name for name, dataset in CONFIG.datasets.items() if dataset.files.group_by and name not in MISSING]
DATASETS = [name for name in CONFIG.datasets if name not in GROUPED and name not in MISSING]
# Data sets whose groups are compared pair by pair.
COMPARED = [name for name in GROUPED if CONFIG.datasets[name].files.differential]
# Data sets, with groups or without, whose report is wanted.
REPORTED = [name for name in (*DATASETS, *GROUPED) if CONFIG.datasets[name].settings.export.report]
# Files of a data set beside its matrix, which are options of commands.
FILE_OPTIONS = [name for name in FILE_KEYS if name != "matrix"]
# Files of a data set that the manifest lists, beside those that rule all asks for by name.
INTERMEDIATE = [
    "expression.h5ad",
    "bins.h5ad",
    "null.npz",
    "edges.parquet",
    "pruned.parquet",
]
BLOCKS = [(name, block) for name in DATASETS for block in range(CONFIG.datasets[name].settings.information.n_blocks)]
PROBLEMS = {
    name: problem_of(dataset.files.matrix, dataset.files.regulators, dataset.settings)
    for name, dataset in CONFIG.datasets.items()
}


pathvars:
    results=CONFIG.results,


def place(path):
    """Where a file is, with <results>, <logs> and <benchmarks> in its name."""
    return Path(workflow.pathvars.apply(path))


def was_begun(name):
    """Whether the last run of a data set was rule by rule."""
    first = "levels" if name in GROUPED else "prepare"
    return was_run_by_rules(*(place(f"<benchmarks>/{name}/{rule}.tsv") for rule in (first, "infer")))


# Those that are run as one job. The processes that run the jobs must not decide again: the files are others by then.
FUSED = None if workflow.is_main_process else handed_on(CONFIG.results, CONFIG.datasets)
if FUSED is None:
    FUSED = fused(CONFIG, PROBLEMS, {name: was_begun(name) for name in CONFIG.datasets})
    hand_on(CONFIG.results, FUSED, all_names=CONFIG.datasets)

# Said once; the jobs say it in the summaries, and one job of all steps in its log, which `genenet run` shows.
if workflow.is_main_process:
    for name, dataset in CONFIG.datasets.items():
        for line in unused(dataset.settings):
            if name not in FUSED or "genenet" not in workflow.output_settings.log_handler_settings:
                print(f"WARNING: {name}: {line}", file=sys.stderr)


def any_of(names):
    """Write a pattern of these data sets; of those that have groups it is that of the groups."""
    patterns = [f"{re.escape(name)}/(?!differential/)[^/]+" if name in GROUPED else re.escape(name) for name in names]
    return "|".join(patterns) or "(?!)"


def any_grouped(names):
    """Write a pattern of these data sets that have groups."""
    return "|".join(re.escape(name) for name in names if name in GROUPED) or "(?!)"


# Of the rules for single steps; the others have constraints of their own.
wildcard_constraints:
    dataset=any_of([name for name in CONFIG.datasets if name not in FUSED]),
    grouped=any_grouped([name for name in GROUPED if name not in FUSED]),
    block=r"\d+",


# Rules call `genenet STEP`. It is the genenet of the interpreter that runs Snakemake, whether or not its environment is
# active, or with --software-deployment-method conda that of the rule's own environment.
# Snakemake tells BLAS how many threads a job has, but not numba.
shell.prefix(
    f"set -euo pipefail; export NUMBA_NUM_THREADS=$OMP_NUM_THREADS {VARIABLE}=workflow; "
    + (
        ""
        if DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
        else f'genenet() {{{{ {shlex.quote(sys.executable)} -m genenet "$@"; }}}}; '
    )
)


# For envs/genenet.post-deploy.sh, which Snakemake runs from a copy elsewhere.
if (CHECKOUT / "pyproject.toml").is_file():
    os.environ.update(GENENET_SOURCE=str(CHECKOUT))


def name_of(wildcards):
    """Name of a data set in the configuration; that of a group is NAME/GROUP."""
    given = wildcards.get("dataset") or wildcards.grouped
    return given.split("/")[0]


def dataset_of(wildcards):
    """The data set in the configuration that a job is for."""
    return CONFIG.datasets[name_of(wildcards)]


def levels_of(wildcards):
    """Give the list of groups of a data set that has them, as a list of one file, or of none."""
    name = name_of(wildcards)
    return [levels_file(name)] if name in GROUPED else []


def levels_file(grouped):
    """Give the list of groups of a data set that has them, once it is made."""
    made_by = checkpoints.levels if grouped not in FUSED else getattr(checkpoints, fused_rule(grouped))
    return made_by.get(grouped=grouped).output.levels


def group_of(wildcards, input):
    """Give the options that say which group of samples a job is for; none without groups."""
    if not input.levels:
        return []
    folder = wildcards.dataset.split("/")[1]
    name = next(group.name for group in read_levels(input.levels[0]) if group.folder == folder)
    return [f"--group-by={dataset_of(wildcards).files.group_by}", f"--group={name}"]


def groups_of(grouped):
    """Give the names of the groups' data sets of a data set that has groups."""
    return [f"{grouped}/{group.folder}" for group in read_levels(levels_file(grouped)) if group.used]


def of_groups(*patterns, among=GROUPED):
    """Give these files of each group of a data set that has groups, or of several such data sets."""

    def files(wildcards):
        chosen = [wildcards.grouped] if wildcards else among
        return expand(patterns, dataset=[name for grouped in chosen for name in groups_of(grouped)])

    return files


def blocks_of_groups(pattern):
    """Give the files of all blocks of all groups."""

    def files(wildcards):
        return [
            path
            for grouped in GROUPED
            for path in expand(
                pattern,
                dataset=groups_of(grouped),
                block=range(CONFIG.datasets[grouped].settings.information.n_blocks),
            )
        ]

    return files


def file_of(name):
    """Give a data set's matrix, regulators or truth: a list of one file, or of none."""

    def files(wildcards):
        path = getattr(dataset_of(wildcards).files, name)
        return [] if path is None else [path]

    return files


def confounding_of(wildcards):
    """Give the table of a data set with strata that says which edges they explain: a list of one file, or of none."""
    strata = dataset_of(wildcards).settings.prepare.strata
    return ["<results>/{dataset}/confounding.tsv"] if strata else []


def confounding_benchmark_of(wildcards):
    """Give the benchmark of confounding, as a list of one file or of none."""
    return ["<benchmarks>/{dataset}/confounding.tsv"] if confounding_of(wildcards) else []


def options_of(step):
    """Give the settings that a step reads as command line options, so that it is run again when one of them changes."""
    return lambda wildcards: step_options(dataset_of(wildcards).settings, step)


def unused_of(wildcards):
    """Give the options that name the settings of a data set without effect beside the others."""
    return [f"--unused-setting={line}" for line in unused(dataset_of(wildcards).settings)]


def each(option, *names):
    """Give an option once for each of these input files."""
    return lambda wildcards, input: [f"{option}={path}" for name in names for path in as_list(input.get(name, []))]


def named(*names):
    """Give the input files of these names that exist, each by the option of its name."""
    return lambda wildcards, input: [
        f"--{name.replace('_', '-')}={path}" for name in names for path in as_list(input.get(name, []))
    ]


def as_list(files):
    """Make a list of an input, which Snakemake gives as a text if it is one file."""
    return [files] if isinstance(files, str) else files


def blocks_of(pattern):
    """Give the files of all blocks of a data set."""
    return lambda wildcards: expand(
        pattern,
        block=range(dataset_of(wildcards).settings.information.n_blocks),
        allow_missing=True,
    )


def stability_of(pattern):
    """Give a file of a data set with stability selection: a list of one file, or of none."""
    return lambda wildcards: [pattern] if dataset_of(wildcards).settings.stability.stability else []


def ask(step, what, times=1):
    """Give the memory (mem_mb) or time (runtime, minutes) to request for a step, multiplied by `times`."""

    def amount(wildcards, threads, attempt):
        asked = request(
            PROBLEMS[name_of(wildcards)],
            step,
            threads=threads,
            n_blocks=dataset_of(wildcards).settings.information.n_blocks,
            attempt=attempt,
        )
        return times * getattr(asked, what)

    return amount


def fused_files(name):
    """Say in words which files a data set has that not all have, or lacks: the outputs of a rule are always the same."""
    settings = CONFIG.datasets[name].settings
    return (
        *(["stability"] if settings.stability.stability else []),
        *(["strata"] if settings.prepare.strata else []),
        *([f"{settings.information.n_blocks}_blocks"] if settings.information.n_blocks > 1 else []),
        *([] if settings.export.report else ["without_report"]),
    )


def n_blocks_of(words):
    """Read the number of blocks of such words."""
    return next((int(word.removesuffix("_blocks")) for word in words if word.endswith("_blocks")), 1)


def fused_rule(grouped):
    """Name the checkpoint that makes the networks of all groups."""
    return "infer_groups" if grouped in REPORTED else "infer_groups_without_report"


def threads_of_all(wildcards):
    """Share the processors among the data sets: a small one spends most of its time in one thread."""
    return min(max((workflow.cores or 4) // len(FUSED), 1), 8)


def ask_all(what):
    """Give the memory or time of all steps of a data set in one job."""

    def amount(wildcards, threads, attempt):
        name = name_of(wildcards)
        asked = request_of_all(PROBLEMS[name], CONFIG.datasets[name], threads=threads, attempt=attempt)
        return getattr(asked, what)

    return amount


def print_summaries():
    """Print the summary of each data set; `genenet run` does so itself."""
    if "genenet" in workflow.output_settings.log_handler_settings:
        return
    of_groups = {name: "compare" for name in GROUPED}
    of_one_job = {name: "infer" for name in FUSED}
    for dataset, step in ({name: "summary" for name in DATASETS} | of_groups | of_one_job).items():
        log = place(f"<logs>/{dataset}/{step}.log")
        if log.exists():
            print(f"\n{dataset}\n{log.read_text()}", end="", flush=True)
