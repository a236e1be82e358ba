from .compare import describe_groups as describe_groups
from .compare import edges_by_group as edges_by_group
from .compare import overview as overview
from .compare import write_comparison as write_comparison
from .infer import infer_groups as infer_groups

__all__ = ["describe_groups", "edges_by_group", "infer_groups", "overview", "write_comparison"]
