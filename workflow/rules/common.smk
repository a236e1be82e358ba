# Loads and checks the configuration, and helps the rules; there are no rules here.
import re
import shlex
import sys
from pathlib import Path

import genenet
from genenet.errors import GenenetError
from genenet.plan import problem_of, request
from genenet.workflow import step_options, workflow_from

try:
    CONFIG = workflow_from(config)
except GenenetError as error:
    print(f"ERROR: {error}", file=sys.stderr)
    sys.exit(2)

DATASETS = list(CONFIG.datasets)
PROBLEMS = {
    name: problem_of(dataset.files.matrix, dataset.files.regulators, dataset.settings)
    for name, dataset in CONFIG.datasets.items()
}


pathvars:
    results=CONFIG.results,


wildcard_constraints:
    dataset="|".join(re.escape(name) for name in DATASETS),
    block=r"\d+",


# Rules say `genenet STEP`; it is the one of the interpreter that runs Snakemake, whether or not an environment is active.
# Snakemake tells BLAS how many threads a job has, but not numba.
shell.prefix(
    "set -euo pipefail; export NUMBA_NUM_THREADS=$OMP_NUM_THREADS; "
    f'genenet() {{{{ {shlex.quote(sys.executable)} -m genenet "$@"; }}}}; '
)


def file_of(name):
    """Give a data set's matrix, regulators or truth: a list of one file, or of none."""

    def files(wildcards):
        path = getattr(CONFIG.datasets[wildcards.dataset].files, name)
        return [] if path is None else [path]

    return files


def options_of(step):
    """Give the settings that a step reads as command line options, so that it is run again when one of them changes."""
    return lambda wildcards: step_options(
        CONFIG.datasets[wildcards.dataset].settings, step
    )


def each(option, *names):
    """Give an option once for each of these input files."""
    return lambda wildcards, input: [
        f"{option}={path}" for name in names for path in as_list(input.get(name, []))
    ]


def named(*names):
    """Give those of these input files that there are, each by the option of its name."""
    return lambda wildcards, input: [
        f"--{name}={path}" for name in names for path in as_list(input.get(name, []))
    ]


def as_list(files):
    """An input of one file is a text, one of several a list."""
    return [files] if isinstance(files, str) else files


def blocks_of(pattern):
    """Give the files of all blocks of a data set."""
    return lambda wildcards: expand(
        pattern,
        block=range(
            CONFIG.datasets[wildcards.dataset].settings.information.n_blocks
        ),
        allow_missing=True,
    )


def ask(step, what):
    """Give the memory (mem_mb) or time (runtime, in minutes) that a step is expected to take; see genenet/plan.py."""

    def amount(wildcards, threads, attempt):
        asked = request(
            PROBLEMS[wildcards.dataset],
            step,
            threads=threads,
            n_blocks=CONFIG.datasets[wildcards.dataset].settings.information.n_blocks,
            attempt=attempt,
        )
        return getattr(asked, what)

    return amount


def print_summaries():
    """Print what each data set's summary says."""
    for dataset in DATASETS:
        log = Path(workflow.pathvars.apply(f"<logs>/{dataset}/summary.log"))
        if log.exists():
            print(f"\n{dataset}\n{log.read_text()}", end="", flush=True)
