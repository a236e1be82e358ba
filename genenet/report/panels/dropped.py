"""The panel of genes that were dropped, and of listed names that are not in the matrix."""

from genenet.report.panel import Content
from genenet.report.run import Run

MOST = 200
"""Most names of a list that the page shows; manifest.json has all."""

KINDS = {
    "missing_regulators": "regulators that are not in the matrix",
    "missing_targets": "targets that are not in the matrix",
    "missing_keep": "genes to keep that are not in the matrix",
}


def build(run: Run) -> Content:
    """Make the panel."""
    lists = {f"genes dropped: {reason}": genes for reason, genes in run.notes.dropped_by_reason().items()}
    for key, label in KINDS.items():
        names = list(getattr(run.notes, key) or ())
        if names:
            lists[label] = names
    return Content(
        {
            "lists": [
                (label, len(names), sorted(names)[:MOST], max(0, len(names) - MOST)) for label, names in lists.items()
            ]
        }
    )
