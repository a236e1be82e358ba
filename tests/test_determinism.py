"""The same bytes for any number of threads and blocks, any order of work, any processor."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

from genenet.kernels import threads
from tests import digests

Digests = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def expected() -> Digests:
    return digests.everything()


@pytest.mark.parametrize("number", [1, 5])
def test_threads__few_as_many(expected: Digests, number: int) -> None:
    threads.set_threads(number)
    try:
        assert digests.everything() == expected
    finally:
        threads.set_threads(0)


def test_blocks__seven_in_reverse_order(expected: Digests) -> None:
    assert digests.everything(n_blocks=7) == expected


def test_seeds__are_what_makes_a_difference(expected: Digests) -> None:
    # The digests see something: other bins, other digests.
    for name in ("weights", "mi", "null", "edges"):
        seen = {part[name] for kind, part in expected.items() if kind != "files"}
        assert len(seen) > 10, name


ONE_TILE_AND_SEVERAL = (6, 20)
"""Numbers of bins for instruction sets between the plain and the own one: the other tiles are the same code."""


def run_elsewhere(*n_bins: int, **environment: str) -> Digests:
    """Digests of a process with other settings of the processor, of all numbers of bins or of some."""
    finished = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-m", "tests.digests", *map(str, n_bins)],
        cwd=Path(__file__).parents[1],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


HOST = {name for name, has in llvm.get_host_cpu_features().items() if has}
X86 = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names of x86 features")


def test_threads__of_another_process(expected: Digests) -> None:
    assert run_elsewhere(NUMBA_NUM_THREADS="1") == expected


@X86
def test_processor__libraries_without_vector_instructions(expected: Digests) -> None:
    """numpy and the C library choose their functions by processor, and some differ in the last bit."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    names = " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))
    tunables = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX2,-AVX,-FMA,-FMA4"
    assert run_elsewhere(NPY_DISABLE_CPU_FEATURES=names, GLIBC_TUNABLES=tunables) == expected


@pytest.mark.slow
def test_processor__plain_vector_instructions(expected: Digests) -> None:
    assert run_elsewhere(NUMBA_CPU_NAME="generic") == expected


@X86
@pytest.mark.slow
@pytest.mark.skipif("avx2" not in HOST, reason="the processor has no AVX2")
def test_processor__avx2(expected: Digests) -> None:
    features = ",".join(f"+{name}" for name in ("sse4.2", "avx", "avx2", "fma", "bmi", "bmi2") if name in HOST)
    found = run_elsewhere(*ONE_TILE_AND_SEVERAL, NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES=features)
    assert found == {name: expected[name] for name in found}
    assert len(found) > len(expected) // 2


@X86
@pytest.mark.slow
@pytest.mark.skipif("avx512bw" not in HOST, reason="the processor has no AVX-512")
def test_processor__avx512_without_vnni(expected: Digests) -> None:
    names = [name for name in ("avx", "avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512dq") if name in HOST]
    features = ",".join(f"+{name}" for name in names)
    found = run_elsewhere(*ONE_TILE_AND_SEVERAL, NUMBA_CPU_NAME="skylake-avx512", NUMBA_CPU_FEATURES=features)
    assert found == {name: expected[name] for name in found}
    assert len(found) > len(expected) // 2


def test_digest__sees_the_last_bit() -> None:
    values = np.array([1.0, 2.0])
    assert digests.digest(values) != digests.digest(np.nextafter(values, 3))
