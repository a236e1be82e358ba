"""Figures by matplotlib: of the network, of one pair of genes, and of what tells whether to trust a run.

Each takes axes to draw into, or makes them, and gives them back.
"""

from genenet.report.plots.network import plot_network
from genenet.report.plots.pair import plot_pair
from genenet.report.plots.trust import plot_trust

__all__ = ["plot_network", "plot_pair", "plot_trust"]
