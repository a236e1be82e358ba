"""Gene co-dependency networks by mutual information, permutation significance and ARACNE pruning."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genenet.pipeline import Result, infer_network
    from genenet.simulate import simulate_expression

__all__ = ["Result", "__version__", "infer_network", "simulate_expression"]

__version__ = version("genenet")

# Imported when first used: `import genenet` stays fast.
_HOMES = {
    "Result": "genenet.pipeline",
    "infer_network": "genenet.pipeline",
    "simulate_expression": "genenet.simulate",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'genenet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
