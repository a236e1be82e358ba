"""The overview of a run: six numbers, and a line for each check."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from genenet.config.sections import BAD_FIT
from genenet.errors import count
from genenet.report.panel import Content
from genenet.report.run import Run
from genenet.report.summary_text import (
    MANY_SIGNIFICANT,
    are_raw_counts,
    describe_aggregation,
    describe_stability,
    limit_of_edges,
    of_large_alpha,
    tells_of_genes,
    vary_together,
)
from genenet.statistics.permuted_control import like_noise


class Check(NamedTuple):
    """A check of the run: whether it passed, its subject, and its result in words."""

    fine: bool
    about: str
    text: str


def build(run: Run) -> Content:
    """Make the panel."""
    return Content({"numbers": numbers(run), "checks": list(checks(run))})


def numbers(run: Run) -> list[tuple[str, str]]:
    """Six numbers, each with its label."""
    matrix, found, network = (run.summary[key] for key in ("matrix", "significance", "network"))
    return [
        (f"{matrix['n_genes']:,}", "genes"),
        (f"{matrix['n_samples']:,}", "samples"),
        (f"{found['n_pairs']:,}", "pairs tested"),
        (f"{found['n_significant']:,}", "significant"),
        (f"{run.summary['prune']['n_kept']:,}", "pairs kept"),
        (f"{int(run.modules.max(initial=0)):,}", "modules of " + count(network["nodes"], "gene")),
    ]


def checks(run: Run) -> Iterator[Check]:
    """Yield the checks of a run; each finding about the matrix is one of them."""
    found = run.summary["significance"]
    if found["diagnosis"]:
        yield Check(False, "no edges", found["diagnosis"])
    yield _permuted(found)
    yield _share(run.summary)
    yield from _findings(run.summary)
    yield _tail(found)
    note = run.summary["matrix"].get("aggregation")
    if note:
        yield Check(True, "cells", describe_aggregation(note))
    yield from _related_samples(run.summary["matrix"])
    yield from _signs(run)
    yield from _neighbours(run.summary["prune"])
    pruned = run.summary["prune"]
    if "stability" in pruned:
        yield from _stability(pruned["stability"], pruned["n_kept"])
    lost, kind = pruned["n_cut_by_max_edges"], "edge" if pruned.get("method") == "none" else "direct edge"
    if lost:
        yield Check(
            # A limit that the user did not choose is no reason to worry.
            run.settings.prune.max_edges == "auto",
            "limit of edges",
            f"{count(lost, kind)} of the smallest score {'was' if lost == 1 else 'were'} cut by "
            f"{limit_of_edges(pruned)}",
        )


def _related_samples(matrix: dict[str, Any]) -> Iterator[Check]:
    """Say how samples were whitened; without whitening p-values of a screen are too small."""
    note = matrix.get("whitening") or {"n_control_genes": 0, "shrinkage": 0.0}
    if note["n_control_genes"]:
        components = count(note["control_components"], "principal component")
        genes = count(note["n_control_genes"], "control gene")
        yield Check(True, "control genes", f"{components} of {genes} taken out of all genes")
    if note["shrinkage"]:
        text = f"the covariance of the samples over all genes was taken out (shrinkage {note['shrinkage']:.2g})"
        yield Check(True, "related samples", text)


def _signs(run: Run) -> Iterator[Check]:
    pruned = run.summary["prune"]
    sign = pruned.get("sign", "together")
    if sign == "apart":
        n_negative = run.summary["network"]["negative_edges"]
        text = f"{count(n_negative, 'negative edge')}, ranked apart from the positive ones, which come first"
        yield Check(True, "signs", text)
    elif sign != "together":
        text = f"only {sign} edges are kept; {count(pruned['n_of_other_sign'], 'other')} left out"
        yield Check(True, "signs", text)


def _neighbours(pruned: dict[str, Any]) -> Iterator[Check]:
    n = pruned.get("n_neighbours")
    if n is not None:
        verb = "is" if n == 1 else "are"
        text = f"{n:,} of {count(pruned['n_kept'], 'edge')} {verb} between neighbours on a chromosome"
        yield Check(n == 0, "neighbours", text + ", which one cut or copy number relates" * (n > 0))


def _stability(found: dict[str, Any], n_kept: int) -> Iterator[Check]:
    """Say how many edges come back in halves of the samples and what the upper bound means, and give the warnings."""
    first, *others = describe_stability(found, n_kept)
    text = "; ".join([first[1], *(line for label, line in others if not label)])
    yield Check(not found["warnings"], "stability", text)
    for line in found["warnings"]:
        yield Check(False, "stability", line.removeprefix("stability: "))


def _permuted(found: dict[str, Any]) -> Check:
    of_noise = like_noise(found)
    pairs = count(found["certificate"]["n_significant"], "significant pair")
    text = (
        f"the same analysis of a permuted copy of the matrix finds {pairs}; it does not see edges that a batch effect"
        " or a wrong table makes"
    )
    return Check(not of_noise, "permuted copy", of_noise or text)


def _share(summary: Mapping[str, Any]) -> Check:
    found, findings = summary["significance"], summary["findings"]
    share = found["share_significant"]
    text = f"{share:.1%} of the pairs tested are significant at {found['correction']} {found['alpha']:g}"
    if not tells_of_genes(summary):
        return Check(True, "share significant", text)
    of_alpha = of_large_alpha(found)
    if share > MANY_SIGNIFICANT and of_alpha:
        text += f": {of_alpha}"
    elif share > MANY_SIGNIFICANT and are_raw_counts(findings):
        text += ": the depth of raw counts alone can make most pairs depend on each other; normalise them first"
    elif share > MANY_SIGNIFICANT:
        chooses = "the score chooses" if summary["prune"].get("method") == "none" else "pruning and the score choose"
        text += (
            f": {vary_together(share)}, as in a compendium of many conditions, or with a batch effect, or where the"
            f" values are no expression; {chooses} the edges, not significance"
        )
    return Check(share <= MANY_SIGNIFICANT, "share significant", text)


def _findings(summary: Any) -> Iterator[Check]:
    findings = summary.get("findings")
    if findings is None:
        return
    if not findings:
        yield Check(True, "the matrix", "nothing unusual was found in the matrix")
    for finding in findings:
        yield Check(False, str(finding.get("kind", "the matrix")).replace("_", " "), str(finding.get("message", "")))


def _tail(found: dict[str, Any]) -> Check:
    n, fit = found["n_extrapolated"], found["tail_fit_pvalue"]
    if not n:
        return Check(True, "tail of the null", "all p-values were counted among the draws, none is extrapolated")
    text = (
        f"p-values below {found['resolution']:.1g} are extrapolated ({count(n, 'edge')}); the most extreme draws"
        f" {'follow' if fit >= BAD_FIT else 'do not follow'} the fitted tail (p = {fit:.2g})"
    )
    return Check(fit >= BAD_FIT, "tail of the null", text)
