"""A paragraph for the methods section of a paper, made from the settings of the run, with its references."""

from collections.abc import Callable
from typing import NamedTuple

from genenet.config import CONTINUOUS
from genenet.errors import count
from genenet.products.strata import strata_of
from genenet.report.run import Run


class Methods(NamedTuple):
    """The paragraph, and the references that it cites, each a text and a DOI."""

    text: str
    references: list[tuple[str, str]]


REFERENCES = {
    "aracne": ("Margolin et al. (2006) BMC Bioinformatics 7:S7", "10.1186/1471-2105-7-S1-S7"),
    "aracne_ap": ("Lachmann et al. (2016) Bioinformatics 32:2233", "10.1093/bioinformatics/btw216"),
    "bspline": ("Daub et al. (2004) BMC Bioinformatics 5:118", "10.1186/1471-2105-5-118"),
    "pvalues": ("Phipson & Smyth (2010) Stat. Appl. Genet. Mol. Biol. 9:39", "10.2202/1544-6115.1585"),
    "bh": ("Benjamini & Hochberg (1995) J. R. Stat. Soc. B 57:289", "10.1111/j.2517-6161.1995.tb02031.x"),
    "by": ("Benjamini & Yekutieli (2001) Ann. Stat. 29:1165", "10.1214/aos/1013699998"),
    "clr": ("Faith et al. (2007) PLoS Biol. 5:e8", "10.1371/journal.pbio.0050008"),
    "leiden": ("Traag et al. (2019) Sci. Rep. 9:5233", "10.1038/s41598-019-41695-z"),
    "ksg": ("Kraskov et al. (2004) Phys. Rev. E 69:066138", "10.1103/PhysRevE.69.066138"),
    "shrinkage": ("Schäfer & Strimmer (2005) Stat. Appl. Genet. Mol. Biol. 4:32", "10.2202/1544-6115.1175"),
    "ledoit_wolf": ("Ledoit & Wolf (2004) J. Multivar. Anal. 88:365", "10.1016/S0047-259X(03)00096-4"),
    "stability": ("Shah & Samworth (2013) J. R. Stat. Soc. B 75:55", "10.1111/j.1467-9868.2011.01034.x"),
    "mrnet": ("Meyer et al. (2007) EURASIP J. Bioinform. Syst. Biol. 2007:79879", "10.1155/2007/79879"),
}

# Names of scores that differ from those in the settings, and the references of scores.
NAMES = {"mi": "MI", "clr": "CLR", "clr_stouffer": "CLR (Stouffer)", "clr_squared": "CLR (squared)"} | {
    name: name.upper() for name in ("mrnet", "mrnetb", "puc", "pidc")
}
SOURCES = dict.fromkeys(("clr", "clr_stouffer", "clr_squared"), "clr") | dict.fromkeys(("mrnet", "mrnetb"), "mrnet")
SOURCES |= {"partial_correlation": "shrinkage"}

Cite = Callable[..., str]

CORRECTIONS = {
    "bh": "adjusted by Benjamini and Hochberg's method",
    "by": "adjusted by Benjamini and Yekutieli's method",
    "bonferroni": "adjusted by Bonferroni's method",
    "none": "not adjusted for multiple testing",
}


def methods_text(run: Run, version: str) -> Methods:
    """Write the methods paragraph about a run.

    Parameters
    ----------
    run
        A finished run.
    version
        Version of genenet.
    """
    cited: list[str] = []

    def cite(*names: str) -> str:
        cited.extend(name for name in names if name not in cited)
        return "[" + ", ".join(str(cited.index(name) + 1) for name in names) + "]"

    sentences = [
        _data(run, version),
        _cells(run),
        _whitening(run, cite),
        _information(run, cite),
        _null(run, cite),
        _significance(run, cite),
    ]
    sentences += [_pruning(run, cite), _stability(run, cite), _network(run, cite)]
    return Methods(" ".join(part for part in sentences if part), [REFERENCES[name] for name in cited])


def _data(run: Run, version: str) -> str:
    matrix = run.summary["matrix"]
    pairs = f"{run.summary['significance']['n_pairs']:,} pairs of genes"
    if matrix["n_regulators"] is not None:
        pairs += f" with one of {matrix['n_regulators']:,} regulators"
    return (
        f"A gene network was inferred with genenet {version} from the expression of {matrix['n_genes']:,} genes in"
        f" {matrix['n_samples']:,} samples; {pairs} were tested."
        f"{_strata(run)}"
    )


def _strata(run: Run) -> str:
    if strata_of(run.expression) is None:
        return ""
    names = " and ".join(run.notes.strata)
    return (
        f" To leave out what differs between strata of {names}, genes were discretised, compared and permuted within"
        " them (conditional mutual information given the stratum)."
    )


def _cells(run: Run) -> str:
    note = run.summary["matrix"].get("aggregation")
    if not note:
        return ""
    how = "values were averaged" if note["values"] == "means" else "counts were summed"
    within = f" within each {' and '.join(note['by'])}" if note["by"] else ""
    groups = "disjoint metacells (k-means on principal components)" if note["method"] == "metacells" else "groups"
    return f"These samples are {groups} of {note['n_cells']:,} cells{within}, whose {how}."


def _whitening(run: Run, cite: Cite) -> str:
    note = run.summary["matrix"].get("whitening")
    if not note:
        return ""
    steps = []
    if note["n_control_genes"]:
        components = count(note["control_components"], "principal component")
        steps.append(f"{components} of {count(note['n_control_genes'], 'control gene')} taken out of all genes")
    if note["shrinkage"]:
        steps.append(
            "samples were whitened by the inverse square root of their covariance over all genes, each scaled to a"
            f" variance of 1, with a shrinkage of {note['shrinkage']:.2g} {cite('ledoit_wolf')}"
        )
    text = "; ".join(steps)
    return f"{text[0].upper()}{text[1:]}."


def _information(run: Run, cite: Cite) -> str:
    estimator, bins = run.settings.information.estimator, run.settings.discretise
    found = run.summary["significance"]
    if estimator in CONTINUOUS:
        source = f" {cite('ksg')}" if estimator.startswith("ksg") else ""
        return f"Mutual information (MI) was estimated by the {estimator} estimator{source}."
    kind = bins.method.replace("_", " ")
    if bins.method == "bspline":
        parts = ", ".join(part.replace("_", " ") for part in bins.coordinate)
        kind = f"B-spline bins of order {bins.order} {cite('bspline')} over the mean of {parts}"
    correction = "" if estimator == "plugin" else f", with the {estimator.replace('_', '-')} correction of its bias"
    return (
        f"Mutual information (MI) was estimated from the joint counts of {found['n_bins']} bins a gene"
        f" ({kind}){correction}."
    )


def _null(run: Run, cite: Cite) -> str:
    found = run.summary["significance"]
    text = (
        f"P-values come from {found['n_draws']:,} permuted pairs of the same matrix, whose MI is compared on the scale"
        f" of each pair's own null distribution (Pearson type III) {cite('pvalues')}"
    )
    if found["n_extrapolated"]:
        text += f"; those below {found['resolution']:.1g} are extrapolated by the fitted tail"
    return text + "."


def _significance(run: Run, cite: Cite) -> str:
    rule = run.settings.significance
    source = f" {cite(rule.correction)}" if rule.correction in ("bh", "by") else ""
    text = (
        f"Pairs with a p-value of at most {rule.alpha:g}, {CORRECTIONS[rule.correction]}{source}, were called"
        f" significant ({run.summary['significance']['n_significant']:,})"
    )
    if rule.min_mi:
        text += f" if their MI is at least {rule.min_mi:g} bits"
    return text + "."


def _pruning(run: Run, cite: Cite) -> str:
    rule, pruned = run.settings.prune, run.summary["prune"]
    if pruned["method"] == "none":
        apart = " Positive and negative edges were ranked apart." if rule.sign == "apart" else ""
        cut = f"; the {pruned['n_kept']:,} of the largest score were kept" if pruned["n_cut_by_max_edges"] else ""
        return f"No edges were pruned{cut}.{apart}"
    n_kept = pruned["n_kept"] + pruned.get("stability", {}).get("n_unstable", 0)
    if rule.method != "dpi":
        return f"Edges were selected by {rule.method.upper()} {cite('mrnet')}; {n_kept:,} were kept."
    if rule.epsilon is not None:
        limit = f"a margin of {rule.epsilon:g} bits"
    else:
        tolerance = pruned["tolerance"] if rule.tolerance == "auto" else rule.tolerance
        limit = f"tolerance {tolerance or 0:g}"
    sources = cite("aracne", "aracne_ap") if run.directed else cite("aracne")
    text = f"Indirect edges were removed by the data processing inequality with {limit} {sources}; {n_kept:,} were kept"
    if pruned["n_cut_by_max_edges"]:
        text += f", at most {pruned['max_edges']:,} of the largest score"
    return text + "."


def _stability(run: Run, cite: Cite) -> str:
    found, n_kept = run.summary["prune"].get("stability"), run.summary["prune"]["n_kept"]
    if found is None:
        return ""
    units = "donors" if found["n_donors"] else "samples"
    return (
        f"Edges that were not selected in at least {100 * found['min_stability']:.3g}% of the halves of"
        f" {found['n_splits']:,} random splits of the {units} were removed {cite('stability')}; {n_kept:,} were left,"
        f" of which at most {found['bound']['unimodal']:.2g} are expected to be rarely selected."
    )


def _network(run: Run, cite: Cite) -> str:
    if not len(run.best):
        return ""
    weights = []
    for score in run.summary["prune"]["score"]:
        source = f" {cite(SOURCES[score])}" if score in SOURCES else ""
        weights.append(NAMES.get(score, score.replace("_", " ")) + source)
    text = weights[0] if len(weights) == 1 else f"{', '.join(weights[:-1])} and {weights[-1]}"
    if len(weights) > 1:
        text = f"the mean logarithm of their ranks by {text}"
    return (
        f"Edges were weighted by {text}. Modules were found by the Leiden algorithm {cite('leiden')}"
        f" on these weights ({int(run.modules.max())} modules)."
    )
