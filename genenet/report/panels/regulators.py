"""The panel of regulators whose activity differs between two groups of samples."""

from genenet.report.panel import Content
from genenet.report.run import Run

N_SHOWN, MAX_Q = 20, 0.05


def build(run: Run) -> Content | None:
    """Make the panel; there is none unless `genenet activity` has compared groups."""
    table = run.master_regulators
    if table is None:
        return None
    shown = table.head(N_SHOWN)
    return Content(
        {
            "contrast": run.contrast,
            "n": len(table),
            "n_found": int((table["qvalue"] <= MAX_Q).sum()),
            "max_q": MAX_Q,
            "rows": shown.astype(object).where(shown.notna(), None).to_dict("records"),
            "n_more": len(table) - len(shown),
        }
    )
