"""The summary of a run in words."""

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from genenet.config.presets import DESCRIPTIONS
from genenet.config.sections import BAD_FIT
from genenet.errors import count, quote_some
from genenet.readers.known_names import GENE_LABEL
from genenet.report.recovery import Recovery
from genenet.statistics.permuted_control import like_noise

LABEL = 16
"""Characters of the labels in the text of a summary."""
NARROW = 50
"""In a terminal of fewer columns than this a text stands below its label, not beside it."""
N_SHOWN = 3
"""Odd samples that are named in the text."""
MANY_SIGNIFICANT = 0.2
"""From this share of significant pairs on, pruning and the score rather than significance choose the edges."""
MOST, NEARLY_ALL = 0.5, 0.9
"""Shares of significant pairs from which on the text says that most, or nearly all, genes vary together."""
FEWEST_PAIRS = 45
"""The share of significant pairs tells something about the genes from so many pairs on, as 10 genes have."""
LARGE_ALPHA = 0.2
"""From this alpha on a large share of significant pairs tells nothing about the genes."""


def describe(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Describe a summary in words: the label and the text of each line."""
    matrix, found, pruned, network = (summary[key] for key in ("matrix", "significance", "prune", "network"))
    lines = [("preset", DESCRIPTIONS[summary["preset"]])] if summary.get("preset") else []
    lines += [("matrix", _matrix(matrix)), *_aggregation(matrix), *_whitening(matrix)]
    lines += [("warning", finding["message"]) for finding in summary["findings"] if finding["weight"] == "warned"]
    lines += _strata(summary)
    lines.append(("bins", _bins(found)))
    lines.append(("null", _null(found)))
    share = found["share_significant"]
    lines.append(("pairs tested", _pairs(matrix, found["n_pairs"])))
    lines.append(
        (
            "significant",
            f"{found['n_significant']:,} ({share:.2%}) at {found['correction']} {found['alpha']:g}{_cutoff(found)}",
        )
    )
    if share > MANY_SIGNIFICANT and tells_of_genes(summary):
        lines.append(("warning" if share > NEARLY_ALL else "", why_most(summary["findings"], found)))
    lines.append(("permuted matrix", _permuted_control(found["certificate"])))
    if of_noise := like_noise(found):
        lines.append(("warning", of_noise))
    if found["diagnosis"]:
        lines.append(("no edges", found["diagnosis"]))
        return lines + _confounding(summary) + _known(summary) + _times(summary)
    lines += [("edges kept", _kept(pruned)), *_not_pruned(pruned)]
    lines += _neighbours(pruned)
    if "stability" in pruned:
        lines += describe_stability(pruned["stability"], pruned["n_kept"])
    hubs = ", ".join(f"{hub.get(GENE_LABEL, hub['gene'])} ({hub['degree']:,})" for hub in network["hubs"][:5])
    lines.append(
        ("network", _size(network, pruned["n_kept"]) + (f"; largest hubs: {hubs}" if pruned["n_kept"] else ""))
    )
    lines += _odd_samples(summary) + _confounding(summary)
    return lines + _known(summary) + _times(summary)


def tells_of_genes(summary: Mapping[str, Any]) -> bool:
    """Whether the share of significant pairs tells something about the genes: not of few pairs, or of chosen ones.

    Examples
    --------
    >>> tells_of_genes({"matrix": {"n_listed_pairs": None}, "significance": {"n_pairs": 3}})
    False
    """
    n_pairs: int = summary["significance"]["n_pairs"]
    return n_pairs >= FEWEST_PAIRS and summary["matrix"].get("n_listed_pairs") is None


def are_raw_counts(findings: Iterable[Mapping[str, str]]) -> bool:
    """Whether the look at the matrix warned of raw counts of unequal depth."""
    return any(finding["kind"] == "counts" and finding["weight"] == "warned" for finding in findings)


def of_large_alpha(found: Mapping[str, Any]) -> str:
    """Say that significance.alpha is so large that it chooses no edges; empty if it is not.

    Examples
    --------
    >>> of_large_alpha({"alpha": 0.05})
    ''
    """
    if found["alpha"] < LARGE_ALPHA:
        return ""
    return (
        f"significance.alpha {found['alpha']:g} is so large that pairs count as significant which do not depend on each"
        " other: lower it (the default is 0.05) to see how many do"
    )


def why_most(findings: Iterable[Mapping[str, str]], found: Mapping[str, Any]) -> str:
    """Say why most pairs may be significant.

    Examples
    --------
    >>> why_most([], {"share_significant": 0.6, "alpha": 0.05})
    'most genes vary together, as in most compendia: see prune.method, significance.min_mi, prune.max_edges'
    """
    share, of_alpha = found["share_significant"], of_large_alpha(found)
    if of_alpha:
        return of_alpha
    if are_raw_counts(findings):
        return (
            "most pairs depend on each other, which the depth of raw counts alone can bring about: normalise them first"
            " (prepare.normalisation)"
        )
    if share > NEARLY_ALL:
        return (
            f"{vary_together(share)}, and significance chooses no edges: a batch or the quality of samples moves all "
            "genes at once, or conditions differ much (a compendium), or values are not normalised; look at the "
            "samples by a principal component analysis, give batches as prepare.strata, normalise "
            "(prepare.normalisation), and choose edges by prune.max_edges"
        )
    return f"{vary_together(share)}, as in most compendia: see prune.method, significance.min_mi, prune.max_edges"


def vary_together(share: float) -> str:
    """Say how many genes vary together where this share of the pairs is significant.

    Examples
    --------
    >>> [vary_together(share) for share in (0.3, 0.7, 0.95)]
    ['many genes vary together', 'most genes vary together', 'nearly all genes vary together']
    """
    many = "nearly all" if share > NEARLY_ALL else "most" if share > MOST else "many"
    return f"{many} genes vary together"


def _odd_samples(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Name the samples that do not follow the network; no line if there is none, or if samples were not scored."""
    found = summary.get("odd_samples")
    if not found or not found["n_odd"]:
        return []
    n = found["n_odd"]
    some = quote_some(found["samples"][:N_SHOWN]) + (f" and {n - N_SHOWN:,} more" if n > N_SHOWN else "")
    return [
        (
            "odd samples",
            f"{n:,} of {found['n_samples']:,} {'does' if n == 1 else 'do'} not follow the network ({some}), as mixtures"
            " and swapped labels do not: look into export/anomalies.tsv",
        )
    ]


def _strata(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Name the strata within which genes were compared; no line without strata."""
    found = summary.get("confounding")
    if not found or not found["sizes"]:
        return []
    sizes = ", ".join(f"{level} {size:,}" for level, size in found["sizes"].items())
    return [("strata", f"{len(found['sizes'])} of {' and '.join(found['strata'])} ({sizes}): all is within strata")]


def _confounding(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Say how many edges of the network without strata are explained by the strata, hidden or reversed."""
    found = summary.get("confounding")
    if not found or not found["sizes"]:
        return []
    without = count(found["n_edges_total"], "edge")
    return [
        (
            "without strata",
            f"{without}: {found['explained']:,} explained by {' and '.join(found['strata'])}, {found['unclear']:,}"
            f" unclear; of the edges kept {found['hidden']:,} are hidden without strata and"
            f" {found['reversed_within']:,} reversed",
        )
    ]


def describe_stability(found: dict[str, Any], n_kept: int) -> list[tuple[str, str]]:
    """Say how many edges come back in halves of the samples, and what the upper bound means."""
    samples = f"{found['smallest_half']:,}"
    if found["largest_half"] > found["smallest_half"]:
        samples += f" to {found['largest_half']:,}"
    of = f"{found['n_donors'] // 2:,} donors, {samples} samples" if found["n_donors"] else f"{samples} samples"
    text = (
        f"{count(found['n_splits'], 'split')} into halves of {of}: {n_kept:,} of {n_kept + found['n_unstable']:,}"
        f" edges come back in at least {percent(found['min_stability'])} of the halves"
    )
    if found["hubs"]:
        lost = ", ".join(f"{hub['gene']} ({hub['lost']:,} of {hub['degree']:,})" for hub in found["hubs"])
        text += f"; genes that lose most: {lost}"
    common = "" if found["in_common"] is None else f"; two halves share {found['in_common']:.0%} of their edges"
    lines = [
        ("stability", text),
        ("", f"a half selects {found['n_selected']:,.0f} of {found['n_pairs']:,} pairs{common}"),
        ("", f"bound: {bound_words(found)}"),
        ("", _of_permuted(found["permuted"])),
    ]
    return lines + [("warning", line) for line in found["warnings"]]


def percent(share: float) -> str:
    """Write a share as a percentage of three digits.

    Examples
    --------
    >>> percent(0.875), percent(0.9)
    ('87.5%', '90%')
    """
    return f"{100 * share:.3g}%"


def _of_permuted(permuted: dict[str, Any]) -> str:
    most, n_halves = permuted["most_halves"], 2 * permuted["n_splits"]
    text = f"the permuted matrix: {count(permuted['n_stable'], 'pair')} as stable"
    return f"{text}; none selected on more than {most:,} of {n_halves:,} halves" if not permuted["n_stable"] else text


def bound_words(found: dict[str, Any]) -> str:
    """Give the upper bound of Shah and Samworth, and its meaning."""
    bound = found["bound"]
    return (
        f"at most {bound['unimodal']:.2g} kept edges are expected to be of pairs that halves select no more often than"
        f" at random ({bound['no_assumption']:.2g} without assumption, {bound['r_concave']:.2g} if r-concave); it is no"
        " count of false edges: what a confounder makes is stable"
    )


def as_text(lines: Iterable[tuple[str, str]], width: int | None = None) -> str:
    """Lay out labels and texts in two columns.

    Parameters
    ----------
    lines
        A label and a text each, as of `describe`.
    width
        Columns to wrap the texts in, at words; None leaves each on one line.

    Examples
    --------
    >>> print(as_text([("matrix", "3,923 genes x 278 samples, 4 genes dropped")], width=50))
    matrix           3,923 genes x 278 samples, 4
                     genes dropped
    """
    return "\n".join(_laid_out(label, text, width) for label, text in lines)


def _laid_out(label: str, text: str, width: int | None) -> str:
    if width is None:
        return f"{label:{LABEL}} {text}"
    beside = width >= NARROW and len(label) <= LABEL
    indent = " " * (LABEL + 1 if beside else 2)
    text = textwrap.fill(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        # Paths and names of genes stay whole.
        break_long_words=False,
        break_on_hyphens=False,
    )
    if beside:
        return f"{label:{LABEL}} {text[LABEL + 1 :]}"
    return f"{label}\n{text}" if label else text


def _matrix(matrix: dict[str, Any]) -> str:
    text = f"{count(matrix['n_genes'], 'gene')} x {count(matrix['n_samples'], 'sample')}"
    for kind in ("regulator", "target"):
        if matrix[f"n_{kind}s"] is not None:
            missing = matrix[f"n_missing_{kind}s"]
            text += f", {count(matrix[f'n_{kind}s'], kind)}" + (
                f" ({missing:,} more not in the matrix)" * bool(missing)
            )
    if matrix["n_dropped_genes"]:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in matrix["dropped_genes"].items())
        text += f"; {count(matrix['n_dropped_genes'], 'gene')} dropped ({reasons})"
    return text


def _aggregation(matrix: dict[str, Any]) -> list[tuple[str, str]]:
    """Say how cells were aggregated; no line if they were not."""
    note = matrix.get("aggregation")
    return [("cells", describe_aggregation(note))] if note else []


def describe_aggregation(note: dict[str, Any]) -> str:
    """Say in a line how cells were aggregated.

    Examples
    --------
    >>> note = {"method": "pseudobulk", "by": ["donor"], "n_cells": 900, "n_groups": 30, "smallest": 20, "largest": 50}
    >>> describe_aggregation(note | {"values": "sums"})
    '900 cells to 30 disjoint groups by donor (pseudobulk, 20 to 50 cells each, sums)'
    """
    by = f"by {', '.join(note['by'])} " if note["by"] else ""
    sizes = f"{note['smallest']:,} to {count(note['largest'], 'cell')} each"
    groups = count(note["n_groups"], "disjoint group")
    return f"{count(note['n_cells'], 'cell')} to {groups} {by}({note['method']}, {sizes}, {note['values']})"


def _whitening(matrix: dict[str, Any]) -> list[tuple[str, str]]:
    """Say how samples were whitened; no line if they were not."""
    note = matrix.get("whitening")
    if not note:
        return []
    parts = []
    if note["n_control_genes"]:
        components = count(note["control_components"], "principal component")
        parts.append(f"{components} of {count(note['n_control_genes'], 'control gene')} taken out")
    if note["shrinkage"]:
        parts.append(f"by the covariance of the samples (shrinkage {note['shrinkage']:.2g})")
    return [("whitened", ", ".join(parts))]


def _pairs(matrix: dict[str, Any], n_pairs: int) -> str:
    """Say how many pairs were tested, and with lists of targets or pairs, of how many."""
    lists = [kind for kind in ("regulators", "targets") if matrix[f"n_{kind}"] is not None]
    if matrix["n_listed_pairs"] is not None:
        lists.append(f"list of {count(matrix['n_listed_pairs'], 'pair')}")
    if lists in ([], ["regulators"]):
        return f"{n_pairs:,}"
    return f"{n_pairs:,} of {matrix['n_genes'] * (matrix['n_genes'] - 1) // 2:,} (by {', '.join(lists)})"


def _bins(found: dict[str, Any]) -> str:
    """Name the bins and the estimator of MI."""
    if not found["n_bins"]:
        return f"none, {found['estimator']} estimator"
    text = f"{found['n_bins']} a gene, {'soft' if found['soft_bins'] else 'hard'}"
    return text if found["estimator"] == "plugin" else f"{text}, correction {found['estimator']}"


def _null(found: dict[str, Any]) -> str:
    text = f"{found['n_draws']:,} draws, p-values down to {found['resolution']:.1g} empirical"
    if found["n_extrapolated"]:
        fit = f"fit of the tail: p = {found['tail_fit_pvalue']:.2g}"
        if found["tail_fit_pvalue"] < BAD_FIT:
            fit += f", a poor fit: read them as {found['resolution']:.1g} at most"
        text += f", below extrapolated ({fit}) for {count(found['n_extrapolated'], 'edge')}"
    return text


def _cutoff(found: dict[str, Any]) -> str:
    if found["threshold_mi"] is None:
        return ""
    return f", p <= {found['cutoff_pvalue']:.3g}, MI >= {found['threshold_mi']:.4f} bits"


def _permuted_control(noise: dict[str, Any]) -> str:
    """Say how many pairs are significant by the same analysis of the matrix with each gene's samples permuted."""
    text = f"{count(noise['n_significant'], 'significant pair')} by the same settings"
    if noise["share_of_significant"] is not None:
        share = f"{noise['share_of_significant']:.2%} of the significant"
        verb = "passes" if noise["n_beyond_cutoff"] == 1 else "pass"
        text += f"; {count(noise['n_beyond_cutoff'], 'pair')} {verb} the cut-off above ({share})"
    return text


def _kept(pruned: dict[str, Any]) -> str:
    method = pruned["method"]
    removed = "no pruning" if method == "none" else f"{pruned['n_indirect']:,} indirect by {method}"
    return f"{pruned['n_kept']:,} ({removed}{_tolerance(pruned)}{_cut(pruned)}), weighted by {_score(pruned)}"


def _not_pruned(pruned: dict[str, Any]) -> list[tuple[str, str]]:
    """Say why edges were not pruned, and with what they would be, if the run left pruning out."""
    reason = pruned.get("method_reason")
    if not reason:
        return []
    return [
        (
            "not pruned",
            f"prune.method: dpi is left out in {reason}, since a third gene would explain nearly every edge;"
            " prune.tolerance: 0 prunes by it all the same",
        )
    ]


def _neighbours(pruned: dict[str, Any]) -> list[tuple[str, str]]:
    """Say how many edges join neighbours on a chromosome, if there are any."""
    n = pruned.get("n_neighbours")
    if not n:
        return []
    edges = f"{n:,} of {count(pruned['n_kept'], 'edge')} {'is' if n == 1 else 'are'}"
    return [("neighbours", f"{edges} between neighbours on a chromosome, which one cut or copy number relates")]


def _tolerance(pruned: dict[str, Any]) -> str:
    """Say at which tolerance edges were indirect, if the run chose it and it is not 0."""
    tolerance = pruned["tolerance"]
    return f" at tolerance {tolerance:g}" if tolerance and pruned["n_indirect"] else ""


def _score(pruned: dict[str, Any]) -> str:
    names = pruned["score"]
    text = names[0] if len(names) == 1 else f"the consensus of {', '.join(names[:-1])} and {names[-1]}"
    return text + (f" ({pruned['score_reason']})" if pruned["score_reason"] else "")


def _size(network: dict[str, Any], n_kept: int) -> str:
    """Say how large the graph is, and why it has more edges than pairs were kept."""
    text = f"{count(network['nodes'], 'gene')}, {count(network['edges'], 'edge')}"
    n_twice = network["edges"] - n_kept
    if n_twice <= 0:
        return text
    pairs = "pair of two regulators is" if n_twice == 1 else "pairs of two regulators are"
    return f"{text} ({n_twice:,} {pairs} two edges{' each' if n_twice > 1 else ''}, one in each direction)"


def _cut(pruned: dict[str, Any]) -> str:
    parts = []
    if pruned.get("n_of_other_sign"):
        parts.append(f"{pruned['n_of_other_sign']:,} not {pruned['sign']}")
    if pruned["n_cut_by_max_edges"]:
        parts.append(f"{pruned['n_cut_by_max_edges']:,} cut by {limit_of_edges(pruned)}")
    if pruned["n_removed_not_written"]:
        parts.append(
            f"the weakest {pruned['n_removed_not_written']:,} removed ones not in pruned.parquet (prune.max_pruned)"
        )
    return "".join(f", {part}" for part in parts)


def limit_of_edges(pruned: dict[str, Any]) -> str:
    """Name the setting that limits the number of edges, and what `auto` chose if it was left to that.

    Examples
    --------
    >>> limit_of_edges({"max_edges": 60, "max_edges_reason": ""})
    'prune.max_edges'
    >>> limit_of_edges({"max_edges": 60, "max_edges_reason": "as many as genes, 60"})
    'prune.max_edges: auto (as many as genes, 60)'
    """
    reason = pruned.get("max_edges_reason")
    return f"prune.max_edges: auto ({reason})" if reason else "prune.max_edges"


def _known(summary: dict[str, Any]) -> list[tuple[str, str]]:
    return [("known edges", str(Recovery(**summary["truth"])))] if "truth" in summary else []


def _times(summary: dict[str, Any]) -> list[tuple[str, str]]:
    if not summary["seconds"]:
        return []
    steps = ", ".join(f"{step} {value:.1f}" for step, value in summary["seconds"].items())
    return [("seconds", f"{sum(summary['seconds'].values()):.1f} ({steps})")]
