from . import activity as activity
from . import config as config
from . import differential as differential
from . import errors as errors
from . import groups as groups
from . import scores as scores
from . import tl as tl
from .differential.network import DifferentialNetwork as DifferentialNetwork
from .differential.network import differential_network as differential_network
from .errors import ConfigError as ConfigError
from .errors import GenenetError as GenenetError
from .errors import InputError as InputError
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
from .phenotype.association import associate as associate
from .phenotype.selection import select_genes as select_genes
from .pipeline import infer_network as infer_network
from .readers.matrix import read_matrix as read_matrix
from .result import Result as Result
from .simulate import simulate_expression as simulate_expression
from .steps.discretise import discretise as discretise
from .steps.export import export_network as export_network
from .steps.information import information as information
from .steps.network import build_network as build_network
from .steps.permutation import permutation_null as permutation_null
from .steps.prepare import prepare as prepare
from .steps.prune import prune as prune
from .steps.significance import significance as significance

__version__: str

__all__ = [
    "ConfigError",
    "DifferentialNetwork",
    "GenenetError",
    "InputError",
    "Result",
    "__version__",
    "adjusted_mutual_information",
    "associate",
    "build_network",
    "conditional_entropy",
    "conditional_mutual_information",
    "differential_network",
    "discretise",
    "entropy",
    "export_network",
    "infer_network",
    "information",
    "joint_entropy",
    "ksg_mutual_information",
    "mutual_information",
    "normalized_mutual_information",
    "permutation_null",
    "pointwise_mutual_information",
    "prepare",
    "prune",
    "read_matrix",
    "ross_mutual_information",
    "select_genes",
    "significance",
    "simulate_expression",
]
