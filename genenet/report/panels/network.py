"""The panel with the picture of the network and the table of its edges."""

from collections import Counter

from genenet.errors import count
from genenet.report.colours import OTHER
from genenet.report.drawn import drawn_network
from genenet.report.edge_rows import edge_rows, rows_in_page
from genenet.report.figure_items import network_item
from genenet.report.panel import Content
from genenet.report.run import Run


def build(run: Run) -> Content:
    """Make the panel."""
    drawn = drawn_network(run)
    rows = rows_in_page(run)
    shown = Counter(module for module in drawn.modules.tolist() if module)
    legend = [(module, colour, shown[module]) for module, colour in sorted(drawn.module_colours.items())]
    n_other = sum(n for module, n in shown.items() if module not in drawn.module_colours)
    values = {
        "is_empty": not len(drawn.genes),
        "says": drawn.describe(),
        "n_genes": len(drawn.genes),
        "n_edges": len(drawn.rows),
        "legend": legend,
        "others": _others(n_other, int((drawn.modules == 0).sum())),
        "other": OTHER,
        "n_rows": len(rows),
        "n_kept": len(run.best),
        "n_removed": run.n_removed,
        "n_kept_rows": int(run.edges["kept"].to_numpy(bool)[rows].sum()),
        "directed": run.directed,
        "diagnosis": run.summary["significance"]["diagnosis"],
    }
    figures = [] if values["is_empty"] else [network_item(drawn)]
    # Then a pair that is in no row is not significant, or was not tested.
    has_all = len(rows) == run.summary["significance"]["n_significant"]
    data = edge_rows(run, rows) | {"directed": run.directed, "has_all": has_all} if len(rows) else None
    return Content(values, figures, data=data)


def _others(n_other: int, n_alone: int) -> str:
    """Say whose genes have no colour of their own: those of modules of which fewer genes are shown, and of none.

    Examples
    --------
    >>> _others(31, 0), _others(31, 1)
    ('modules with fewer genes here (31 genes together)', \
'modules with fewer genes here (31 genes together); 1 gene in no module')
    """
    parts = [f"modules with fewer genes here ({count(n_other, 'gene')} together)"] if n_other else []
    return "; ".join([*parts, *([f"{count(n_alone, 'gene')} in no module"] if n_alone else [])])
