"""Memory that control groups leave, by files as the system has them."""

from pathlib import Path

import pytest

from genenet.errors import InputError
from genenet.readers import limits
from genenet.readers.limits import available_memory, check_memory, of_cgroups

GB = 10**9


def tree(root: Path, own: str, files: dict[str, object]) -> Path:
    """A root folder with the own control group and files of control groups."""
    for name, content in {"proc/self/cgroup": own, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return root


def test_cgroups__version_2_of_a_slurm_job(tmp_path):
    """The limit is that of the job, the groups below it have none."""
    job = "sys/fs/cgroup/system.slice/slurmstepd.scope/job_7"
    step = f"{job}/step_0/user/task_0"
    tree(
        tmp_path,
        "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0",
        {
            f"{job}/memory.max": 4 * GB,
            f"{job}/memory.current": 3 * GB,
            f"{job}/memory.stat": f"anon {GB}\ninactive_file {GB // 2}",
            f"{step}/memory.max": "max",
            f"{step}/memory.current": GB,
        },
    )
    assert of_cgroups(tmp_path) == 1.5 * GB


def test_cgroups__version_1(tmp_path):
    group = "sys/fs/cgroup/memory/slurm/uid_1/job_7"
    tree(
        tmp_path,
        "12:cpuset:/slurm\n9:memory:/slurm/uid_1/job_7\n1:name=systemd:/x",
        {
            f"{group}/memory.limit_in_bytes": 2 * GB,
            f"{group}/memory.usage_in_bytes": GB,
            f"{group}/memory.stat": f"cache 5\ntotal_inactive_file {GB // 4}",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": 9223372036854771712,
            "sys/fs/cgroup/memory/memory.usage_in_bytes": 50 * GB,
        },
    )
    assert of_cgroups(tmp_path) == 1.25 * GB


def test_cgroups__of_a_container_whose_path_is_of_the_machine(tmp_path):
    files = {"sys/fs/cgroup/memory.max": GB, "sys/fs/cgroup/memory.current": GB // 5}
    assert of_cgroups(tree(tmp_path, "0::/docker/abc", files)) == 0.8 * GB


@pytest.mark.parametrize("own", ["", "0::/", "garbage", "3:memory", "0::/../.."])
def test_cgroups__without_a_limit(tmp_path, own):
    assert of_cgroups(tree(tmp_path, own, {"sys/fs/cgroup/memory.max": "max"})) is None
    assert of_cgroups(tmp_path / "nothing") is None


def test_check_memory__is_told_what_the_job_leaves(tmp_path, monkeypatch):
    files = {"sys/fs/cgroup/memory.max": GB, "sys/fs/cgroup/memory.current": GB // 2}
    root = tree(tmp_path, "0::/", files)
    monkeypatch.setattr(limits, "of_cgroups", lambda: of_cgroups(root))
    assert available_memory() == GB // 2
    with pytest.raises(InputError) as error:
        check_memory(2 * GB, "the values")
    assert str(error.value) == (
        "the values need 2 GB of memory, there are 500 MB; if the file is right, use a machine (or a limit) with more,"
        " or fewer genes or samples"
    )
