from .graph import differential_graph as differential_graph
from .network import DifferentialNetwork as DifferentialNetwork
from .network import differential_network as differential_network
from .writing import read_networks as read_networks
from .writing import write_differential as write_differential

__all__ = [
    "DifferentialNetwork",
    "differential_graph",
    "differential_network",
    "read_networks",
    "write_differential",
]
