"""Gene co-dependency networks by mutual information, permutation significance and ARACNE pruning."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genenet.association import associate

    __version__: str
    from genenet.estimators.discrete import (
        adjusted_mutual_information,
        conditional_entropy,
        conditional_mutual_information,
        entropy,
        joint_entropy,
        mutual_information,
        normalized_mutual_information,
        pointwise_mutual_information,
    )
    from genenet.estimators.neighbours import ksg_mutual_information, ross_mutual_information
    from genenet.pipeline import Result, infer_network
    from genenet.simulate import simulate_expression

__all__ = [
    "Result",
    "__version__",
    "adjusted_mutual_information",
    "associate",
    "conditional_entropy",
    "conditional_mutual_information",
    "entropy",
    "infer_network",
    "joint_entropy",
    "ksg_mutual_information",
    "mutual_information",
    "normalized_mutual_information",
    "pointwise_mutual_information",
    "ross_mutual_information",
    "simulate_expression",
]

# Imported when first used: `import genenet` stays fast.
_HOMES = {
    "Result": "genenet.pipeline",
    "adjusted_mutual_information": "genenet.estimators.discrete",
    "associate": "genenet.association",
    "conditional_entropy": "genenet.estimators.discrete",
    "conditional_mutual_information": "genenet.estimators.discrete",
    "entropy": "genenet.estimators.discrete",
    "infer_network": "genenet.pipeline",
    "joint_entropy": "genenet.estimators.discrete",
    "ksg_mutual_information": "genenet.estimators.neighbours",
    "mutual_information": "genenet.estimators.discrete",
    "normalized_mutual_information": "genenet.estimators.discrete",
    "pointwise_mutual_information": "genenet.estimators.discrete",
    "ross_mutual_information": "genenet.estimators.neighbours",
    "simulate_expression": "genenet.simulate",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all the rest here

        return version("genenet")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'genenet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
