"""Columns and rows that are told by their neighbours: `stat` beside `pvalue`, CRP beside `HbA1c`, or by a phrase."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise

from genenet.readers import known_names, quantity_names
from genenet.readers.clinical_names import is_perhaps_clinical
from genenet.readers.known_names import plain, plain_set

OF_TESTS = plain_set(
    """
    fc, vip, b, se_b, q, p, z, d, df, chi2, chisq, chi-square, h, w, u, ratio, log2ratio, difference, delta, loading,
    effect, effect size, es, nes, auc, odds ratio, or, ci low, ci high, lower, upper, lcl, ucl, a value, m value,
    sigma, sigma_sq, smooth_sigma_sq, final_sigma_sq, mean_obs, var_obs, tech_var, target_id, mz, m/z, rt, charge, mass,
    adduct, area, fill %, e-value, evalue, logratio, curvature, direction, correlation, rmse, coef, coefficient,
    estimate, significant, significance, sig
    """
)
"""Names of statistics that may be samples too: they count where they stand next to annotation."""
OF_PATIENTS = plain_set(
    """
    ph, ldl, hdl, vldl, crp, hscrp, hs_crp, alt, ast, ggt, alp, tsh, psa, ldh, bun, wbc, rbc, hb, hgb, hct, plt,
    esr, tg, tc, cholesterol, triglycerides, creatinine, albumin, bilirubin, glucose, insulin, ferritin, sodium,
    potassium, urea, calcium, neutrophils, monocytes, platelets, haemoglobin, hemoglobin, homa_ir, nlr, sbp, dbp
    """
)
"""Laboratory values that may be genes or metabolites too: they count where they stand next to attributes of samples."""
PLAIN_FORM = re.compile(r"[^ _()%/\[\]]+")
FEWEST_PLAIN, MOST_OF_FORM, MOST_JOINING = 20, 0.05, 20
"""Names with blanks and the like join attributes of samples where at most this share of so many names has such."""
PHRASES = re.compile(
    r"(-? ?log ?(2|10)?[ ._(]*)?(p|q|fdr|padj|p[ ._-]?adj|[pq][ ._-]?val(ue)?|adj[ ._]?p([ ._]?val(ue)?)?)\)"
    r"|-? ?log(10|2)?[ ._(]+.*\b[pq][ ._-]?val(ue)?\b.*"  # -Log Student's T-test p-value a_b
    r"|-log(10|2)?[ ._]?\(?[pq]\)?"
    r"|(.*\W)?(t-test|anova|(welch|student|mann[- ]whitney|wilcoxon|kruskal[- ]wallis)('?s)?[ ._](.*\b)?(p|test))\b.*"
    r"|PC_?\d+[ ._-]?loadings?|loadings?[ ._-]?PC_?\d+"
    r"|(log2?[ ._]?)?(ratio|fold[ ._-]?change|FC)[ ._:(]+.+(/|[ ._-](vs\.?|over)[ ._-]).+"
    r"|log2?[ ._]?(FC|fold[ ._-]?change)[ ._(]+.+|.+[ ._]log2?[ ._]?(FC|fold[ ._-]?change)"
    r"|(row |average |precursor |mean )?m/z( .*)?",
    re.IGNORECASE,
)
"""Names of statistics that hold further words, of which a table has few: -log10(p), log2 ratio treat/ctrl, m/z."""
MOST_PHRASES = 0.25
"""Largest share of the columns that are told by such a phrase; where more are, they are the values."""
MOST_BETWEEN = 2


def statistics_among(names: Sequence[str]) -> set[str]:
    """Find the few columns whose names are phrases of statistics.

    Examples
    --------
    >>> names = ["S1", "S2", "S3", "S4", "S5", "S6", "-log10(p)", "log2 ratio treat/ctrl"]
    >>> sorted(statistics_among(names)), statistics_among(["log2 ratio a/b", "log2 ratio c/b"])
    (['-log10(p)', 'log2 ratio treat/ctrl'], set())
    >>> sorted(statistics_among(["Welch 1", "Wilcoxon p", *(f"S{n}" for n in range(9))]))
    ['Wilcoxon p']
    """
    found = {name for name in names if PHRASES.fullmatch(name.strip())}
    return found if len(found) <= MOST_PHRASES * len(names) else set()


def beside_annotation(names: Sequence[str], found: Collection[str]) -> set[str]:
    """Find the columns next to annotation, or between two of it, whose names would be too weak alone.

    Parameters
    ----------
    names
        Names of the columns in their order.
    found
        Those that are annotation.

    Examples
    --------
    >>> sorted(beside_annotation(["logFC", "F", "PValue", "S1", "S2", "S3", "S4", "t"], {"logFC", "PValue"}))
    ['F']
    >>> beside_annotation(["A", "B", "C", "D", "logFC"], {"logFC"})
    set()
    >>> beside_annotation(["Length", "B", "NK", "Mono", "DC"], {"Length"})  # B cells
    set()
    """
    others = [name for name in names if name not in found]
    of_tests = any(quantity_names.STATISTICS.fullmatch(name) or PHRASES.fullmatch(name) for name in found)
    letters = not of_tests or sum(len(name) == 1 for name in others) > len(others) / 2
    beside = _grown(names, found, lambda name: _is_weak(name) and not (letters and len(name) == 1))
    seeds = {name for name in found if not known_names.DETECTION.search(name)} | beside
    return beside | _between(names, seeds)


def beside_attributes(names: Sequence[str], found: Collection[str]) -> set[str]:
    """Find the rows (or columns) next to attributes of samples that are laboratory values, or written unlike genes.

    Parameters
    ----------
    names
        Names of the genes in their order.
    found
        Those that are attributes of samples.

    Examples
    --------
    >>> sorted(beside_attributes(["HbA1c", "CRP", "eGFR", "LDL", "EGFR", "ALB", "LDH"], {"HbA1c"}))
    ['CRP', 'LDL', 'eGFR']
    >>> beside_attributes(["TP53", "Age", "ALB", "AGER"], {"Age"}), beside_attributes(["CRP", "TP53"], set())
    (set(), set())
    """
    others = [name for name in names if name not in found]
    odd = {name for name in others if not PLAIN_FORM.fullmatch(name) and not known_names.is_gene_name(name)}
    if len(others) < FEWEST_PLAIN or len(odd) > max(MOST_OF_FORM * len(others), 1):
        odd = set()
    joined = _grown(names, found, lambda name: name in odd or _is_of_patients(name))
    return joined if len(joined) <= MOST_JOINING else set()


def _is_of_patients(name: str) -> bool:
    return is_perhaps_clinical(name) or (plain(name) in OF_PATIENTS and not known_names.is_gene_name(name))


def _is_weak(name: str) -> bool:
    return known_names.is_perhaps_annotation(name) or plain(name) in OF_TESTS


def _grown(names: Sequence[str], found: Collection[str], may_join: Callable[[str], bool]) -> set[str]:
    """Names that may join those found and stand in one run with one of them."""
    grown: set[str] = set()
    for order in (names, names[::-1]):
        inside = False
        for name in order:
            inside = name in found or (inside and may_join(name))
            grown |= {name} if inside and name not in found else set()
    return grown


def _between(names: Sequence[str], seeds: Collection[str]) -> set[str]:
    """Names of short gaps between seeds, if no name outside is alike but for its number."""
    places = [place for place, name in enumerate(names) if name in seeds]
    gaps = [names[start + 1 : end] for start, end in pairwise(places) if 1 < end - start <= MOST_BETWEEN + 1]
    inside = {name for gap in gaps for name in gap}
    outside = _stems(name for name in names if name not in inside and name not in seeds)
    if len(inside) > len(seeds) or not outside:
        return set()
    return {name for name in inside if not _stems([name]) & outside}


def _stems(names: Iterable[str]) -> set[str]:
    return {re.sub(r"[\d.]+$", "", name) for name in names}
