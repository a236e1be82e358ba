from .contrast import Contrast as Contrast
from .contrast import master_regulators as master_regulators
from .regulons import read_regulons as read_regulons
from .regulons import regulons_of as regulons_of
from .scores import activity as activity

__all__ = ["Contrast", "activity", "master_regulators", "read_regulons", "regulons_of"]
