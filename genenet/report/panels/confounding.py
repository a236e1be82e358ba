"""The panel of strata: edges that strata explain, hide or reverse."""

import numpy as np

from genenet.products.confounding import VERDICTS
from genenet.report.colours import ACCENT, GRID, INK, SECOND
from genenet.report.panel import Content
from genenet.report.plots.axes import tidy
from genenet.report.run import Run
from genenet.report.svg import figure_of, inline_svg

N_SHOWN = 12
MOST_POINTS = 5_000
MEANINGS = {
    "none": "significant without strata and within them",
    "explained": "significant without strata, not within them, where it would have been seen",
    "unclear": "significant without strata, not within them; too few samples to tell",
    "reversed": "significant both ways, with the other sign within strata",
    "hidden": "significant within strata only",
}
ALT = "MI of all samples against MI within strata, for each edge of the networks without and within strata."


def build(run: Run) -> Content | None:
    """Make the panel; without strata there is none."""
    found = run.confounding
    if found is None or not len(found):
        return None
    verdicts = found["confounding"].astype(str).to_numpy()
    counts = [(name, int((verdicts == name).sum()), MEANINGS[name]) for name in VERDICTS]
    symbols = dict(zip(run.genes, run.symbols, strict=True))
    shown = found[np.isin(verdicts, ["explained", "reversed"])].head(N_SHOWN)
    rows = [
        {**row, "genes": f"{symbols[str(row['gene_a'])]} - {symbols[str(row['gene_b'])]}"}
        for row in shown.to_dict("records")
    ]
    return Content(
        {
            "attributes": " and ".join(run.notes.strata),
            "n_total": int(found["kept_total"].astype(bool).sum()),
            "n_within": int(found["kept_within"].astype(bool).sum()),
            "counts": counts,
            "rows": rows,
            "figure": _figure(run),
        }
    )


def _figure(run: Run) -> str:
    """MI without strata against MI within them."""
    assert run.confounding is not None
    found = run.confounding.head(MOST_POINTS)
    total, within = (found[name].to_numpy(float) for name in ("mi_total", "mi_within"))
    gone = found["confounding"].astype(str).isin(["explained", "unclear"]).to_numpy()
    with figure_of(1, width=4.6, height=3.4) as (figure, (ax,)):
        end = float(max(total.max(), within.max()))
        ax.plot([0, end], [0, end], color=GRID, linewidth=1)
        for which, colour, label in ((~gone, ACCENT, "significant within strata"), (gone, SECOND, "not")):
            ax.scatter(total[which], within[which], s=7, color=colour, alpha=0.6, linewidths=0, label=label)
        tidy(ax, "With and without strata", "MI of all samples (bits)", "MI within strata (bits)", grid="both")
        ax.legend(frameon=False, fontsize=8, labelcolor=INK)
        return inline_svg(figure, ALT)
