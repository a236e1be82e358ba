"""Describing the results of a comparison of groups in words."""

from collections.abc import Mapping
from typing import Any

from genenet.errors import count


def describe(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Describe the summary of a comparison in words: the label and the text of each line."""
    lines = [("groups", groups_text(summary)), ("pairs", pairs_text(summary))]
    if summary["n_significant"] and summary["changes"]:
        lines.append(("changes", ", ".join(f"{n:,} {change}" for change, n in summary["changes"].items() if n)))
    lines.append(("genes", genes_text(summary)))
    lines.append(("as a whole", shift_text(summary)))
    lines.append(("power", power_text(summary)))
    return lines


def groups_text(summary: Mapping[str, Any]) -> str:
    """Name the groups and their sizes; the first one is the reference."""
    names = " against ".join(f"{name} ({count(n, 'sample')})" for name, n in summary["groups"].items())
    strata = f", labels permuted within {count(summary['n_strata'], 'stratum', 'strata')}"
    return f"{summary['group_by']}: {names}{strata if summary['n_strata'] > 1 else ''}"


def pairs_text(summary: Mapping[str, Any]) -> str:
    """Say how many pairs differ; if none does, say the smallest p-value."""
    text = (
        f"{summary['n_significant']:,} of {count(summary['n_pairs'], 'pair')} differ at a false discovery rate of"
        f" {summary['alpha']:g}, by {count(summary['n_permutations'], 'permutation')} of the labels"
    )
    if summary["n_significant"]:
        return text
    if summary["smallest_pvalue"] is None:
        return f"{text}; no p-value is {summary['alpha']:g} or less"
    return f"{text}; the smallest p-value is {summary['smallest_pvalue']:.2g} (q {summary['smallest_qvalue']:.2g})"


def genes_text(summary: Mapping[str, Any]) -> str:
    """Say how many genes have relations that differ, all partners taken together."""
    return (
        f"{summary['n_significant_genes']:,} of {count(summary['n_genes'], 'gene')} have relations that differ, all"
        " partners taken together"
    )


def shift_text(summary: Mapping[str, Any]) -> str:
    """Say whether all relations are stronger or weaker in one group (a global shift)."""
    shift = summary["shift"]
    strongest = ", ".join(
        f"{share:.0%} in {name} ({shift['strongest_expected'][name]:.0%} expected)"
        for name, share in shift["strongest"].items()
    )
    text = (
        f"the median deviance is {shift['ratio']:.2f} times that without a difference (p {shift['ratio_pvalue']:.2g});"
        f" pairs that are strongest: {strongest}"
    )
    return f"{text}. A GLOBAL SHIFT: explain it before reading single pairs" if summary["is_global_shift"] else text


def power_text(summary: Mapping[str, Any]) -> str:
    """Say the smallest difference of correlations that groups of these sizes can show."""
    needed = summary["alpha"] / summary["n_pairs"]
    sizes = " and ".join(f"{n:,}" for n in summary["groups"].values())
    tests = f"with {sizes} samples and {count(summary['n_pairs'], 'pair')}"
    if_only = f"half of the time, if it is the only pair that differs (p = {needed:.1g})"
    least, most, strong = (
        summary.get(name) for name in ("smallest_difference", "pairs_for_strong", "strong_correlation")
    )
    if least is None:
        text = (
            f"{tests} not even a correlation of 0.999 in one of the groups against none in the other is found {if_only}"
        )
    else:
        text = f"{tests} a correlation of {least:.2f} in one of the groups against none in the other is found {if_only}"
    if most is None or strong is None or (least is not None and least <= strong):
        return text
    choose = "choose genes by --regulators and --targets, or take more samples"
    if most == 0:
        return f"{text}, and one of {strong:g} not even as the only pair tested: take more samples"
    tested = "as the only pair tested" if most == 1 else f"among at most {most:,} pairs"
    return f"{text}, and one of {strong:g} {tested}: {choose}"
