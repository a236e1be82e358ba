"""How numba compiles a function that only compiled functions call: its code becomes part of theirs.

By itself numba makes machine code of such a function, which nobody calls, and it saves the function in the folder of
compiled code. Without both, the first run of a new version compiles in four fifths of the time.
"""

from typing import Any

from numba import _dynfunc  # type: ignore[attr-defined]
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import NativeLowering

# The stubs of numba do not know these.
_register: Any = register_pass
_builder: Any = DefaultPassBuilder


class _LinkedLibrary(JITCodeLibrary):
    """Code as it is linked into callers, of which LLVM's engine makes no machine code."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class _UnoptimisedLibrary(_LinkedLibrary):
    def _optimize_final_module(self) -> None:
        """Leave the optimisation to the callers."""


@_register(mutates_CFG=True, analysis_only=False)
class _LinkedLowering(NativeLowering):
    """Numba's last pass but one, which declares the function to its callers without an address to call."""

    _name = "linked_lowering"

    def run_pass(self, state: Any) -> bool:
        state.library = state.pipeline.library(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        try:
            super().run_pass(state)
        finally:
            state.flags.discard("no_compile")
        description, library, environment = state.cr.fndesc, state.library, state.cr.env
        module, name = description.lookup_module(), description.qualname
        handle = _dynfunc.make_function(module, name, "linked into its callers", 0, environment, (library,))
        state.targetctx.insert_user_function(handle, description, [library])
        state.cr = state.cr._replace(cfunc=handle)
        return True


class LinkedCompiler(CompilerBase):
    """Numba's passes for compiled code, with the one for linked functions instead of `NativeLowering`."""

    library = _LinkedLibrary

    def define_pipelines(self) -> list[Any]:
        """List the passes."""
        passes = PassManager("linked")
        for part in (_builder.define_untyped_pipeline, _builder.define_typed_pipeline):
            passes.passes.extend(part(self.state).passes)
        for one, text in _builder.define_nopython_lowering_pipeline(self.state).passes:
            passes.add_pass(_LinkedLowering if one is NativeLowering else one, text)
        passes.finalize()
        return [passes]


class UnoptimisedCompiler(LinkedCompiler):
    """The same for functions that are optimised as part of their callers only."""

    library = _UnoptimisedLibrary
