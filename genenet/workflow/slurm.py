"""Cancelling Slurm jobs that a run of the workflow left behind when it was killed."""

import re
import shutil
import subprocess
import time
from pathlib import Path

# Snakemake names all jobs of a run by one identifier, behind the prefix of the profile if there is one.
_NAME = re.compile(r"(.+_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_END = 120.0


def cancel_left_over(folder: Path) -> int:
    """Cancel this user's jobs that Snakemake has submitted from a folder, and wait until they are gone.

    Such jobs go on after Snakemake was killed, and a new run would do the same work at the same time. Call this only
    when no run is alive in the folder. Returns the number of jobs; 0 where there is no Slurm.
    """
    if not (shutil.which("squeue") and shutil.which("scancel")):
        return 0
    jobs = _jobs(folder)
    if jobs:
        subprocess.run(["scancel", *jobs], capture_output=True, check=False)
    end = time.monotonic() + _LONGEST_END
    while jobs and _jobs(folder) and time.monotonic() < end:
        time.sleep(0.5)
    return len(jobs)


def _jobs(folder: Path) -> list[str]:
    """Numbers of the jobs that wait or run; of an array, the whole array's."""
    command = ["squeue", "--me", "--noheader", "--format=%F|%j|%Z"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = (line.strip().split("|", 2) for line in found.splitlines())
    place = folder.resolve()
    return sorted(
        {row[0] for row in rows if len(row) == 3 and _NAME.fullmatch(row[1]) and Path(row[2]).resolve() == place}
    )
