"""The panel of modules: sizes and hubs, means by sample attributes, and enriched gene sets."""

from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.report.colours import OTHER
from genenet.report.drawn import drawn_network
from genenet.report.module_means import ModuleMeans, module_means
from genenet.report.panel import Content
from genenet.report.plots.axes import colour_bar, cut, tidy
from genenet.report.run import Run
from genenet.report.svg import figure_of, inline_svg
from genenet.statistics.enrichment import enrichment

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_MODULES, N_HUBS = 20, 6
N_SETS, MAX_Q = 5, 0.05
LONGEST_LEVEL = 22


def build(run: Run) -> Content | None:
    """Make the panel; without an edge there is none."""
    n = int(run.modules.max(initial=0))
    if not n:
        return None
    sets = enriched(run)
    colours = drawn_network(run).module_colours
    rows = [
        module_row(run, module, colours.get(module, OTHER)) | {"sets": sets.get(module, [])}
        for module in range(1, min(n, MAX_MODULES) + 1)
    ]
    means = module_means(run)
    values = {
        "modules": rows,
        "n": n,
        "n_more": n - len(rows),
        "has_sets": bool(run.gene_sets),
        "n_sets": len(run.gene_sets),
        "max_q": MAX_Q,
        "attributes": [(m.attribute, float(m.explained.mean())) for m in means],
        "figures": [heat_map(m) for m in means],
    }
    return Content(values)


def module_row(run: Run, module: int, colour: str) -> dict[str, Any]:
    """Size, colour and hubs of a module."""
    genes = np.flatnonzero(run.modules == module)
    hubs = genes[np.argsort(-run.degree[genes], kind="stable")][:N_HUBS]
    return {
        "module": module,
        "colour": colour,
        "size": len(genes),
        "hubs": [(int(hub), run.symbols[hub], int(run.degree[hub])) for hub in hubs],
    }


def enriched(run: Run) -> dict[int, list[dict[str, Any]]]:
    """The most enriched gene sets of each module with a q-value of at most `MAX_Q`."""
    if not run.gene_sets:
        return {}
    names = gene_names(run)
    modules = {
        module: [names[gene] for gene in np.flatnonzero(run.modules == module)]
        for module in range(1, int(run.modules.max(initial=0)) + 1)
    }
    table = enrichment(modules, run.gene_sets, names)
    table = table[table["qvalue"] <= MAX_Q]
    found: dict[int, list[dict[str, Any]]] = {}
    for row in table.to_dict("records"):
        rows = found.setdefault(row["module"], [])
        if len(rows) < N_SETS:
            rows.append({str(key): value for key, value in row.items()})
    return found


def gene_names(run: Run) -> list[str]:
    """Names of the genes that match the gene sets: those of the matrix or the symbols, whichever match more."""
    known = {gene for genes in run.gene_sets.values() for gene in genes}
    plain = list(run.genes)
    return max((plain, run.symbols), key=lambda names: len(known & set(names)))


def heat_map(means: ModuleMeans) -> str:
    """Draw the means of the modules by the levels of an attribute."""
    n_modules, n_levels = means.means.shape
    width, height = 2.4 + 0.32 * n_levels, 1.5 + 0.24 * n_modules
    with figure_of(1, width=max(width, 4.0), height=height) as (figure, axes):
        draw_heat_map(axes[0], means)
        label = f"Heat map of the mean of {n_modules} modules in {n_levels} groups of samples by {means.attribute}."
        return inline_svg(figure, label)


def draw_heat_map(ax: "Axes", means: ModuleMeans) -> None:
    """Draw the heat map into axes."""
    image = ax.imshow(means.means, cmap="RdBu_r", vmin=-2, vmax=2, aspect="auto", interpolation="nearest")
    tidy(ax, f"by {means.attribute}")
    levels = [f"{cut(level, LONGEST_LEVEL)} ({n})" for level, n in means.levels]
    ax.set_xticks(range(len(levels)), levels, rotation=60, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(means.modules)), [f"module {module}" for module in means.modules])
    for side in ax.spines.values():
        side.set_visible(False)
    colour_bar(image, ax, "standard deviations", shrink=0.8, aspect=12)
