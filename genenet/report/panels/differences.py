"""The panel of differences between groups of samples, with the p-values that tell whether to trust them."""

from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.report.colours import ACCENT, GRID, INK
from genenet.report.differences import Differences
from genenet.report.differences_text import describe
from genenet.report.panel import Content
from genenet.report.plots.axes import tidy
from genenet.report.svg import figure_of, inline_svg
from genenet.writers.style import CHANGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_PAIRS, N_GENES = 50, 25
NO_CHANGE = "none"
MOST_POINTS = 5_000


def build(found: Differences) -> Content:
    """Make the panel."""
    alpha = found.summary["alpha"]
    return Content(
        {
            "lines": describe(found.summary),
            "is_global_shift": found.summary["is_global_shift"],
            "names": found.groups,
            "has_change": "change" in found.pairs,
            "directed": "regulator" in found.pairs,
            "alpha": alpha,
            "n_pairs": len(found.pairs),
            "pairs": first_pairs(found),
            "genes": found.genes.head(N_GENES).to_dict("records"),
            "figure": figures(found),
        }
    )


def first_pairs(found: Differences) -> list[dict[str, Any]]:
    """The pairs of the smallest p-values, with MI and correlation of each group."""
    ends = ("regulator", "target") if "regulator" in found.pairs else ("gene_a", "gene_b")
    return [
        {
            "ends": [str(row[end]) for end in ends],
            "values": [(row[f"mi_{folder}"], row[f"spearman_{folder}"]) for folder in found.folders],
            "deviance": row["deviance"],
            "pvalue": row["pvalue"],
            "qvalue": row["qvalue"],
            "change": row.get("change", ""),
            "colour": CHANGES.get(str(row.get("change", "")), ""),
            "z": row.get("z"),
        }
        for row in found.pairs.head(N_PAIRS).to_dict("records")
    ]


def figures(found: Differences) -> str:
    """Draw the p-values of all pairs, and for two groups the correlations of the pairs that differ."""
    n = 2 if "change" in found.pairs else 1
    with figure_of(n, width=4.6, height=3.8) as (figure, axes):
        draw_pvalues(axes[0], found)
        if n == 2:
            draw_changes(axes[1], found)
        return inline_svg(figure, "P-values of all pairs, and correlations of the pairs that differ in the two groups.")


def draw_pvalues(ax: "Axes", found: Differences) -> None:
    """Draw a histogram of the p-values of all pairs, which is flat if nothing differs."""
    counts = np.array(found.summary["pvalue_histogram"], float)
    n = len(counts)
    ax.bar(np.arange(n) / n, counts / counts.sum(), 1 / n, align="edge", color=ACCENT)
    ax.axhline(1 / n, color=INK, linewidth=0.8, linestyle="--")
    tidy(ax, "P-values of all pairs", "p-value (dashed: nothing differs)", "share of pairs", grid="y")


def draw_changes(ax: "Axes", found: Differences) -> None:
    """Draw Spearman's correlations in both groups of each pair that differs, coloured by its change."""
    differing = found.pairs[found.pairs["change"] != NO_CHANGE]
    shown, counts = differing.head(MOST_POINTS), differing["change"].astype(str).value_counts()
    x, y = (shown[f"spearman_{folder}"].to_numpy(float) for folder in found.folders)
    ax.plot([-1, 1], [-1, 1], color=GRID, linewidth=0.8)
    changes = shown["change"].to_numpy(str)
    for change, colour in CHANGES.items():
        own = changes == change
        if own.any():
            ax.scatter(x[own], y[own], s=14, color=colour, label=f"{change} ({counts[change]:,})", linewidths=0)
    names = found.groups
    part = "" if len(shown) == len(differing) else f", the {len(shown):,} of the smallest p-values"
    tidy(ax, f"Pairs that differ{part}", f"Spearman in {names[0]}", f"Spearman in {names[1]}", grid="both")
    ax.set_xlim(-1.05, 1.05)
    ax.set_ylim(-1.05, 1.05)
    if len(shown):
        ax.legend(fontsize=8, frameon=False, labelcolor=INK, loc="center left", bbox_to_anchor=(1.0, 0.5))
