from .association import associate as associate
from .estimators.discrete import adjusted_mutual_information as adjusted_mutual_information
from .estimators.discrete import conditional_entropy as conditional_entropy
from .estimators.discrete import conditional_mutual_information as conditional_mutual_information
from .estimators.discrete import entropy as entropy
from .estimators.discrete import joint_entropy as joint_entropy
from .estimators.discrete import mutual_information as mutual_information
from .estimators.discrete import normalized_mutual_information as normalized_mutual_information
from .estimators.discrete import pointwise_mutual_information as pointwise_mutual_information
from .estimators.neighbours import ksg_mutual_information as ksg_mutual_information
from .estimators.neighbours import ross_mutual_information as ross_mutual_information
from .pipeline import infer_network as infer_network
from .result import Result as Result
from .simulate import simulate_expression as simulate_expression

__version__: str

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
