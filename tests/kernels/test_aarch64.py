"""The kernels on ARM: their code for AArch64, run by an emulator, gives the bytes that this processor gives."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

from tests.kernels.aarch64 import N_INPUTS, RESULTS, inputs, run

EMULATOR, COMPILER = "qemu-aarch64", "aarch64-linux-gnu-gcc"
ARM = "aarch64-unknown-linux-gnu"
PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
int kernels(void *, void *, {types});
void NRT_incref(void *p) {{}}
void NRT_decref(void *p) {{}}
int main(int n, char **names) {{
    size_t sizes[] = {{{sizes}}};
    char *arrays[{n}];
    void *returned = 0, *error = 0;
    FILE *in = fopen(names[1], "rb"), *out = fopen(names[2], "wb");
    for (int i = 0; i < {n}; i++) {{
        arrays[i] = calloc(sizes[i], 1);
        if (i < {n_inputs} && fread(arrays[i], 1, sizes[i], in) != sizes[i]) return 3;
    }}
    if (kernels(&returned, &error, {arrays})) return 4;
    for (int i = {n_inputs}; i < {n}; i++) fwrite(arrays[i], 1, sizes[i], out);
    return fclose(out);
}}
"""


def results() -> bytes:
    """What this processor gives."""
    arrays = [*inputs(), *(np.zeros(size, np.uint8) for size in RESULTS)]
    run.ctypes(*(array.ctypes.data for array in arrays))
    return b"".join(array.tobytes() for array in arrays[N_INPUTS:])


def llvm_code() -> str:
    """The kernels for a processor without vectors of its own, as numba makes them where there is no AVX2."""
    command = "from tests.kernels.aarch64 import run; print(run.native_name); print(run.inspect_llvm())"
    processor = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+sse2"}
    done = subprocess.run(
        [sys.executable, "-c", command], env=os.environ | processor, capture_output=True, text=True, check=True
    )
    name, _, code = done.stdout.partition("\n")
    code = code.replace(name.removeprefix("cfunc."), "kernels")
    # The entry from Python, and the counting of references in instructions of another processor, are not needed.
    code = re.sub(r"^define [^\n]*@(cfunc\.kernels|NRT_\w+)\([^\n]*\{\n.*?^\}\n", "", code, flags=re.M | re.S)
    assert "x86.avx" not in code
    return code + "\ndeclare void @NRT_incref(ptr)\ndeclare void @NRT_decref(ptr)\n"


@pytest.mark.skipif(not (shutil.which(EMULATOR) and shutil.which(COMPILER)), reason=f"needs {EMULATOR} and {COMPILER}")
def test_kernels__same_bytes_on_arm(tmp_path: Path) -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(ARM).create_target_machine(opt=3, reloc="pic")
    code = re.sub(r"^target triple = .*$", f'target triple = "{ARM}"', llvm_code(), flags=re.M)
    code = re.sub(r"^target datalayout = .*$", f'target datalayout = "{machine.target_data}"', code, flags=re.M)
    (tmp_path / "kernels.o").write_bytes(machine.emit_object(llvm.parse_assembly(code)))
    sizes = [*(array.nbytes for array in inputs()), *RESULTS]
    program = PROGRAM.format(
        n=len(sizes), n_inputs=N_INPUTS, sizes=", ".join(map(str, sizes)), types=", ".join(["char *"] * len(sizes)),
        arrays=", ".join(f"arrays[{i}]" for i in range(len(sizes))),
    )  # fmt: skip
    (tmp_path / "main.c").write_text(program)
    (tmp_path / "in").write_bytes(b"".join(array.tobytes() for array in inputs()))
    built = [COMPILER, "-static", "-o", "main", "main.c", "kernels.o", "-lm"]
    for command in (built, [EMULATOR, "./main", "in", "out"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    here, there = results(), (tmp_path / "out").read_bytes()
    starts = np.cumsum([0, *RESULTS])
    for name, start, size in zip(("soft", "hard", "sparse", "mi", "screen"), starts, RESULTS, strict=False):
        assert any(here[start : start + size]), name
        assert here[start : start + size] == there[start : start + size], name
