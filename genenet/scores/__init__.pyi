from .matrix_scores import clr as clr
from .matrix_scores import mrnet as mrnet
from .matrix_scores import mrnetb as mrnetb
from .matrix_scores import network_deconvolution as network_deconvolution
from .matrix_scores import pidc as pidc
from .matrix_scores import puc as puc
from .matrix_scores import rank_average as rank_average
from .partial_correlation import partial_correlation as partial_correlation

__all__ = ["clr", "mrnet", "mrnetb", "network_deconvolution", "partial_correlation", "pidc", "puc", "rank_average"]
