"""The attempts of the workflow's jobs: a job that failed by a mistake of the user is not tried again.

Snakemake tries every job that failed as often as `retries` says. The profile for Slurm asks for that, since a job that
was killed for taking too much memory or time asks for more in the next attempt. A mistake in the configuration or in
an input would only wait in the queue again, and fail with the same message.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from genenet.cli.job_logs import is_mistake


def end_after_mistakes() -> None:
    """Let Snakemake, in this process, try those jobs again only that have not failed by a mistake of the user."""
    from snakemake.jobs import GroupJob, Job

    for kind in (Job, GroupJob):
        kind.restart_times = property(_unless_by_mistake(kind.restart_times.fget, time.time()))


def _unless_by_mistake(asked_for: Callable[[Any], int], began: float) -> Callable[[Any], int]:
    """Make the function that gives the number of further attempts of a job, or of a group of jobs."""

    def restart_times(job: Any) -> int:
        jobs = job.jobs if job.is_group() else [job]
        return 0 if any(_ended_in_a_mistake(one, began) for one in jobs) else asked_for(job)

    return restart_times


def _ended_in_a_mistake(job: Any, began: float) -> bool:
    """Whether a job failed by a mistake, by its logs of this run; those of an earlier one may still be there."""
    logs = [str(path) for path in job.log]
    return is_mistake([path for path in logs if Path(path).exists() and Path(path).stat().st_mtime >= began])
