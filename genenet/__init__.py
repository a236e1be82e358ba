"""Gene co-dependency networks by mutual information, permutation significance and ARACNE pruning."""

import lazy_loader as _lazy

# The names are listed in __init__.pyi and imported when they are first used: `import genenet` stays fast.
_import_name, __dir__, _names = _lazy.attach_stub(__name__, __file__)
# Modules come with `import genenet` too (genenet.tl, genenet.config), but not with `from genenet import *`.
_MODULES = {"activity", "config", "differential", "errors", "groups", "scores", "tl"}
__all__ = [*sorted({*_names} - _MODULES), "__version__"]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all the rest here

        return version("genenet-mi")
    return _import_name(name)
