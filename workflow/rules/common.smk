# The configuration, loaded and checked, and functions for the rules; there are no rules here.
import os
import re
import shlex
import sys
from itertools import chain
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.io import IOFile
from snakemake.settings.types import DeploymentMethod

import genenet
from genenet.cli.attempts import end_after_mistakes
from genenet.cli.interpreter import python
from genenet.cli.progress import StepLines
from genenet.config import Export
from genenet.config.faces import VARIABLE, speak
from genenet.config.unused import unused
from genenet.errors import GenenetError
from genenet.files.earlier import drop_earlier, keep_earlier
from genenet.groups.levels import read_levels
from genenet.workflow import missing_files, step_options, workflow_from
from genenet.workflow.at_work import hold
from genenet.workflow.changed import changed_files, is_as_recorded, keep_changed, message_of
from genenet.workflow.datasets import BENCHMARKS, FILE_KEYS, LOGS
from genenet.workflow.fuse import fused, hand_on, handed_on, is_unfinished, request_of_all, was_run_by_rules
from genenet.workflow.made_otherwise import made_otherwise, message_of_other
from genenet.workflow.missing import asks_to_keep_going, check_results, refusal
from genenet.workflow.other_folders import note_of, other_folders
from genenet.workflow.plan import problem_of, request
from genenet.writers.file_names import exported_files

# Messages name the keys of the configuration.
speak("workflow")

try:
    CONFIG = workflow_from(config)
    if not workflow.storage_settings.default_storage_provider:
        check_results(CONFIG.results)
except GenenetError as error:
    print(f"ERROR: {error}", file=sys.stderr)
    sys.exit(2)

if workflow.is_main_process:
    end_after_mistakes()

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
PROBLEMS = {
    name: problem_of(dataset.files.matrix, dataset.files.regulators, dataset.settings)
    for name, dataset in CONFIG.datasets.items()
}


pathvars:
    results=CONFIG.results,
    logs=CONFIG.place_of(LOGS),
    benchmarks=CONFIG.place_of(BENCHMARKS),


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
        else f'genenet() {{{{ {shlex.join(python())} -m genenet "$@"; }}}}; '
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
    levels = place(levels_file(grouped))
    names = [f"{grouped}/{group.folder}" for group in read_levels(levels) if group.used]
    if grouped in FUSED and workflow.is_main_process:
        forget(files_of(names, *NETWORK, "<results>/{dataset}/report.html"))
    return names


FORGOTTEN = set()


def forget(paths):
    """Have Snakemake take files as they are, whatever it has recorded of them; nothing is changed on the disk.

    One job makes the files of all groups; what Snakemake knows of them is from when a lost one was made again alone, and
    would have that done again.
    """
    if not FORGOTTEN:
        known = workflow.persistence.metadata
        workflow.persistence.metadata = lambda target: None if str(target) in FORGOTTEN else known(target)
    FORGOTTEN.update(str(place(str(path))) for path in paths)


def make_again(paths):
    """Have Snakemake run the jobs that make these files, whatever it thinks of the files."""
    workflow.dag.forcefiles.update(str(path) for path in paths)


def after_failure(wildcards):
    """Give no file, but have the files made again that are there from before a run that failed or was killed."""
    name = wildcards.get("dataset") or wildcards.grouped
    if workflow.is_main_process and name in CONFIG.datasets and is_unfinished(place(f"<results>/{name}")):
        make_again(place(f"<results>/{name}/{file}") for file in ("summary.json", "groups.tsv"))
    return []


def made_at(path):
    """Time at which Snakemake has made a file; None if it does not know."""
    known = workflow.persistence.metadata(IOFile(str(path)))
    return known.endtime if known else None


def changed(name):
    """List the files of a data set that were changed after they were made, and of the differences of its groups."""
    folder = place(f"<results>/{name}")
    return [*changed_files(folder, made_at), *changed_files(folder / "differential", made_at)]


CHANGED = {}


def after_change(wildcards):
    """Give no file, but have the files made again that were changed after they were made, and say so."""
    if workflow.is_main_process and not CHANGED:
        CHANGED.update({name: changed(name) for name in (*DATASETS, *GROUPED)})
        for name, paths in CHANGED.items():
            own = [path for path in paths if path.parent == place(f"<results>/{name}")]
            # Where one job makes the files of all groups, these are made with those of the data set.
            make_again(own if own and name in FUSED else paths)
            if paths:
                said = message_of(paths, place("<results>"), is_dry=workflow.dryrun)
                print(f"WARNING: {name}: {said}", file=sys.stderr)
        for name in CHANGED:
            made_elsewhere(name)
    return []


def made_elsewhere(name):
    """Have a data set made again that was made from elsewhere, and whose manifest is of another configuration."""
    folder = place(f"<results>/{name}")
    if is_as_recorded(folder / "manifest.json", made_at):
        return
    if keys := made_otherwise(folder, CONFIG.datasets[name]):
        first = ["summary.json", "groups.tsv"] if name in FUSED else ["expression.h5ad", "levels.tsv"]
        make_again(folder / file for file in first)
        said = message_of_other(folder, keys, is_dry=workflow.dryrun)
        print(f"WARNING: {name}: {said}", file=sys.stderr)


def of_groups(*patterns, among=GROUPED):
    """Give these files of each group of a data set that has groups, or of several such data sets; see `files_of`."""

    def files(wildcards):
        chosen = [wildcards.grouped] if wildcards else among
        return [path for grouped in chosen for path in files_of(groups_of(grouped), *patterns)]

    return files


def files_of(datasets, *patterns):
    """Give these files of data sets, or groups NAME/GROUP; a pattern may be a function of the name in the configuration."""
    return [
        path
        for name in datasets
        for pattern in patterns
        for path in expand(pattern(name.split("/")[0]) if callable(pattern) else pattern, dataset=name)
    ]


def blocks(name):
    """Patterns of the MI of all blocks of pairs of a data set."""
    n_blocks = CONFIG.datasets[name].settings.information.n_blocks
    return [f"<results>/{{dataset}}/mi/{block}.parquet" for block in range(n_blocks)]


def exports(name):
    """Patterns of the files for other programs of a data set."""
    formats = CONFIG.datasets[name].settings.export.formats
    return [f"<results>/{{dataset}}/export/{file}" for file in exported_files(formats)]


# What there is of each network beside its report. An intermediate file that was deleted is made again too.
NETWORK = [
    *(f"<results>/{{dataset}}/{file}" for file in ("expression.h5ad", "bins.h5ad", "null.npz")),
    blocks,
    *(f"<results>/{{dataset}}/{file}" for file in ("edges.parquet", "pruned.parquet", "network.graphml")),
    exports,
    *(f"<results>/{{dataset}}/{file}" for file in ("summary.json", "manifest.json")),
]


def file_of(name):
    """Give a file that a data set names in the configuration: a list of one file, or of none."""

    def files(wildcards):
        path = getattr(dataset_of(wildcards).files, name)
        return [] if path is None else [path]

    return files


# All of them, as inputs of a rule.
FILES = {name: file_of(name) for name in FILE_KEYS}


def confounding_of(wildcards):
    """Give the table of a data set with strata that says which edges they explain: a list of one file, or of none."""
    strata = dataset_of(wildcards).settings.prepare.strata
    return ["<results>/{dataset}/confounding.tsv"] if strata else []


def confounding_benchmark_of(wildcards):
    """Give the benchmark of confounding, as a list of one file or of none."""
    return ["<benchmarks>/{dataset}/confounding.tsv"] if confounding_of(wildcards) else []


def export_benchmark_of(wildcards):
    """Give the benchmark of export, as a list of one file, or of none where there are no formats."""
    return ["<benchmarks>/{dataset}/export.tsv"] if exports(name_of(wildcards)) else []


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


def folder_of(name):
    """Give the folder of an output."""
    return lambda wildcards, output: Path(output[name]).parent


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
        *(["group"] if name in GROUPED else []),
        *(["stability"] if settings.stability.stability else []),
        *(["strata"] if settings.prepare.strata else []),
        *([f"{settings.information.n_blocks}_blocks"] if settings.information.n_blocks > 1 else []),
        *([] if settings.export.report else ["without_report"]),
        *other_formats(name),
    )


def other_formats(name):
    """Name the formats of a data set in one word, if they are not the default."""
    formats = set(CONFIG.datasets[name].settings.export.formats)
    return [] if formats == set(Export().formats) else ["_".join(["with", *sorted(formats)])]


def fused_rule(grouped):
    """Name the checkpoint that makes the networks of all groups."""
    return "infer_groups" if grouped in REPORTED else "infer_groups_without_report"


def threads_of_all(wildcards):
    """Share the processors among the data sets: a small one spends most of its time in one thread."""
    n_processors = workflow.resource_settings.cores  # None on a cluster
    return min(max(n_processors // len(FUSED), 1), 8) if n_processors else 4


def ask_all(what):
    """Give the memory or time of all steps of a data set in one job."""

    def amount(wildcards, threads, attempt):
        name = name_of(wildcards)
        asked = request_of_all(PROBLEMS[name], CONFIG.datasets[name], threads=threads, attempt=attempt)
        return getattr(asked, what)

    return amount


def run_by_rules():
    """Give the folders of the data sets whose steps are a job each."""
    return [place(f"<results>/{name}") for name in (*DATASETS, *GROUPED) if name not in FUSED]


def hold_at_work():
    """Refuse to begin where another run, of another folder, is at work on one of the data sets that have jobs."""
    jobs = [job for job in workflow.dag.needrun_jobs() if {*job.wildcards_dict} & {"dataset", "grouped"}]
    names = {name_of(job.wildcards) for job in jobs}
    try:
        hold(place(f"<logs>/{name}/.at_work") for name in sorted(names))
    except GenenetError as error:
        raise WorkflowError(f"ERROR: {error}")


def print_summaries():
    """Print the summary of each data set, and which folders belong to none; `genenet run` does so itself."""
    if "genenet" in workflow.output_settings.log_handler_settings:
        return
    if folders := other_folders(f"{CONFIG.results}/{name}" for name in CONFIG.datasets):
        print(note_of(folders), file=sys.stderr)
    of_groups = {name: "compare" for name in GROUPED}
    of_one_job = {name: "infer" for name in FUSED}
    for dataset, step in ({name: "summary" for name in DATASETS} | of_groups | of_one_job).items():
        log = place(f"<logs>/{dataset}/{step}.log")
        if log.exists():
            lines = [line for line in log.read_text().splitlines() if not line.startswith(StepLines.MARK)]
            print("", dataset, *lines, sep="\n", flush=True)
