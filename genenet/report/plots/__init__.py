"""Figures by matplotlib: the network, one pair of genes, and the charts that tell whether a run can be trusted.

Each function takes axes to draw into, or makes them, and returns them.
"""

from genenet.report.plots.network import plot_network
from genenet.report.plots.pair import plot_pair
from genenet.report.plots.trust import plot_trust

__all__ = ["plot_network", "plot_pair", "plot_trust"]
