"""Names of clinical columns (Survival_months, Age_at_diagnosis, PFI.time), by their words rather than their letters."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from genenet.readers.known_names import is_attribute, is_gene_name, set_of

HEADS = set_of(
    """
    age, sex, gender, race, ethnicity, bmi, survival, death, deceased, dead, alive, vital, relapse, recurrence,
    progression, metastasis, metastases, followup, diagnosis, stage, grade, gleason, braak, cerad, mmse, apgar, batch,
    cohort, smoking, smoker, packyears, menopause, menopausal, gestation, gestational, height, weight, rin, pmi,
    postmortem, purity, ploidy, aneuploidy, tmb, msi, mutation, mutations, altered, leukocyte, lymphocyte, stromal,
    immune, estimate, viability, passage, systolic, diastolic, breslow, cellularity, necrosis, dose, treatment,
    therapy, chemotherapy, radiotherapy, os, dss, dfs, pfs, rfs, efs, dfi, pfi, mfs, dmfs, ttp, ttr, tumor, tumour,
    patient, subject, donor, hospital, biopsy, histology, histological, nodes, margin, ecog, karnofsky, severity,
    disease, hba1c, subtype, risk
    """
)
"""Words about patients and their disease. Quantities that are measured as features too (glucose) are not here."""
OTHERS = set_of(
    """
    at, of, to, in, from, the, and, or, by, since, until, after, before, day, days, week, weeks, month, months, mo, mos,
    year, years, yr, yrs, hour, hours, h, hr, hrs, time, date, status, event, events, censor, censored, cens, score,
    index, value, level, levels, overall, total, count, counts, fraction, genome, percent, pct, percentage, ratio,
    rate, burden, free, specific, interval, last, first, initial, primary, sample, pathologic, pathological, clinical,
    size, length, thickness, diameter, volume, mm, cm, kg, m, number, num, no, n, id, code, group, class, category,
    type, response, positive, negative, interval, x, years, body, mass, birth, onset, surgery, sampling, collection,
    enrolment, enrollment, admission, delivery, tissue, lymph, node, invasion, pressure, bp, follow, up, pack, history,
    contact, per, mb, nonsynonymous, cell, cells, infiltration, drug, pre, post, blood, current, former, ever, never,
    mantis, sensor
    """
)
"""Words that stand beside these."""
ALONE = set_of(
    "survival, gleason, braak, mmse, hba1c, tmb, ploidy, viability, packyears, ecog, karnofsky, cerad, apgar,"
    "event_length, od600, temperature"
)
"""Words that need no other beside them: no gene is called so."""
PERHAPS = set_of(
    """
    os, dss, dfs, pfs, rfs, efs, dfi, pfi, mfs, dmfs, ttp, psa, msi, pmi, dose, weight, mutations, event,
    passage, score, status, time, days, months, years, relapse, death, recurrence, metastasis, week, month, day, year,
    hour, hours, minutes, weeks, conc, concentration, ph, temp, treated, infected, generation
    """
)
"""Words that may be a gene as well: they count where the values are unlike those of all others."""
OF_CYTOMETERS = set_of("time, event_length, center, offset, width, residual, beaddist, file_number, event_number")
"""Columns of a mass cytometer; the first word that is no other's is Event_length."""
OF_GENES = re.compile(r".+[._ ](mut|mutated|mutations?|cna|amplification|fusion|status|subtype)", re.IGNORECASE)
"""Attributes of samples that are about a gene: tp53_mut, HER2 status."""
OF_BACTERIA = re.compile(r"[a-z]{3}[A-Z]")
"""Symbols of genes of bacteria, such as yeaR."""
OF_FITS = re.compile(r"[PQ][ ._-]?val(ue)?|RMSE|Correlation|FDR", re.IGNORECASE)
"""Statistics of a fit to each sample, as deconvolution gives them."""
COMPONENTS = re.compile(r"(?:X_?)?(UMAP|t-?SNE|PCA?|PHATE|Dim|LSI|harmony|scVI)[-_. ]?(\d{1,3})", re.IGNORECASE)
"""Coordinates of samples in an embedding."""


UNITS = re.compile(
    r"[A-Za-z][^()\[\]]*[ _]?[(\[]"
    r"([munpfµμ]?M|[mµμunpf]?mol(/[mdu]?l)?|([munpkµμ]?g|mmol|mEq|[mkµμ]?I?U|cells)/([mdu]?l|kg|mg|day|d)"
    r"|[mkuµμ]g|kg|kg/m2|kg/m\^2|cm|mm|mmHg|bpm"
    r"|h|hr|hrs|hours?|min|mins|minutes?|sec|days?|wks?|weeks?|mo|months?|y|yr|yrs|years?|%|°C|c?Gy|ppm|ppb|millions?|Mb|kb)[)\]]"
    r"|(time|time[ ._-]?point|dose|conc(entration)?|duration|exposure|interval|delay)[ ._-]?"
    r"(h|hr|hrs|hours?|mins?|minutes?|d|days?|wks?|weeks?"
    r"|[munpfµμ]?M|[munµμ]?mol|[munkµμ]?g|[munkµμ]?g[ ._/]?[mk][lg]|c?Gy|ppm)"
    r"|(size|length|diameter|thickness|width|height|depth|distance)[ ._-]?[mcnuµμ]m|(weight|mass)[ ._-]?[mkuµμ]?g",
    re.IGNORECASE,
)
"""Names of measurements of a sample with their unit: Dose (uM), Time (h), Total reads (M), conc_uM."""
SCORES = re.compile(
    r"(HALLMARK|KEGG(_MEDICUS)?|REACTOME|GO(BP|CC|MF)|BIOCARTA|PID|WP)_[A-Z0-9_]{3,}"
    r"|(CIBERSORTx?|xCell|MCP-?counter|EPIC|quanTIseq|TIMER|ssGSEA|GSVA|PROGENy|TIDE)[_. :].+"
    r"|.+[_. ](CIBERSORT|XCELL|MCPCOUNTER|EPIC|QUANTISEQ|TIMER)([-.]ABS)?"
)
"""Scores of sets of genes, and shares of cells that programs of deconvolution estimate."""
MOST_SHARE = 0.2
"""Names with units, and those of scores, are attributes of samples if at most this share of the names is so."""


def words_of(name: str) -> list[str]:
    """Split a name into its words, in lower case, at what is no letter or digit and at capitals.

    Examples
    --------
    >>> words_of("ageAtDiagnosis"), words_of("OS.time"), words_of("ESTIMATEScore"), words_of("HbA1c")
    (['age', 'at', 'diagnosis'], ['os', 'time'], ['estimate', 'score'], ['hba1c'])
    """
    if name.casefold() in ALONE:
        return [name.casefold()]
    spaced = re.sub(r"([a-z])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", name)
    return re.findall(r"[^\W_]+", spaced.casefold())


def is_clinical(name: str) -> bool:
    """Tell whether all words of a name are those of clinical tables; a word that genes have too needs another.

    Examples
    --------
    >>> [is_clinical(name) for name in ("Survival_months", "OS.time", "Overall Survival", "Age_years", "HbA1c")]
    [True, True, True, True, True]
    >>> [is_clinical(name) for name in ("AGER", "OS9", "RIN1", "age-1", "sex-1", "MSI2", "CRP", "DEATH-1", "PFS")]
    [False, False, False, False, False, False, False, False, False]
    """
    words = words_of(name)
    if len(words) == 1:
        return words[0] in ALONE
    texts = [word for word in words if not word.isdecimal()]
    return len(texts) > 1 and HEADS.intersection(texts) != set() and HEADS.union(OTHERS).issuperset(texts)


def is_perhaps_clinical(name: str) -> bool:
    """Tell whether a name may be clinical, where values of another kind say so too.

    Examples
    --------
    >>> [is_perhaps_clinical(name) for name in ("week", "Year", "yeaR", "T")]
    [True, True, False, False]
    """
    return name == "eGFR" or (name.casefold() in PERHAPS and not OF_BACTERIA.fullmatch(name))


def attributes_among(names: Sequence[str]) -> set[str]:
    """Find the names of attributes of samples: clinical ones, those of pipelines, and coordinates of an embedding.

    Examples
    --------
    >>> sorted(attributes_among(["TP53", "batch", "OS_months", "PC1", "PC2"])), attributes_among(["PC1", "PCA3"])
    (['OS_months', 'PC1', 'PC2', 'batch'], set())
    >>> sorted(attributes_among(["Dose (uM)", "HALLMARK_HYPOXIA", *(f"G{n}" for n in range(9))]))
    ['Dose (uM)', 'HALLMARK_HYPOXIA']
    """
    found = {name for name in names if is_attribute(name) or is_clinical(name) or OF_FITS.fullmatch(name)}
    of_genes = {name for name in names if OF_GENES.fullmatch(name)}
    found |= of_genes if len(of_genes) < MOST_OF_GENES * len(names) else set()
    for form in (UNITS, SCORES):
        fitting = {name for name in names if form.fullmatch(name.strip()) and not is_gene_name(name)}
        found |= fitting if len(fitting) <= MOST_SHARE * len(names) else set()
    if any(name.casefold() == "event_length" for name in names):
        found |= {name for name in names if name.casefold() in OF_CYTOMETERS}
    matches = [(name, match) for name in names if (match := COMPONENTS.fullmatch(name))]
    for stem in {match[1].casefold() for _, match in matches}:
        numbers = {int(match[2]): name for name, match in matches if match[1].casefold() == stem}
        if {1, 2} <= numbers.keys() or {0, 1} <= numbers.keys():
            found |= set(numbers.values())
    return found


MOST_OF_GENES = 0.5
"""Largest share of the names that are attributes about genes, beside genes."""
UNIFORM = (
    re.compile(r"[^()]+ \(\d+\)"),
    re.compile(r"ENS[A-Z]{0,4}[GTP]\d{11}(\.\d+)?(_PAR_Y)?"),
)
"""Names as DepMap writes them, and ids of Ensembl: a table of them has hardly any other."""
FEWEST_UNIFORM, MOST_UNLIKE, MOST_NAMED = 20, 0.1, 20


def unlike_genes(names: Sequence[str]) -> set[str]:
    """Find the few names of another form where nearly all are joined names (TP53 (7157)) or ids of Ensembl.

    Examples
    --------
    >>> unlike_genes([*(f"G{n} ({n})" for n in range(30)), "lnIC50"])
    {'lnIC50'}
    """
    for form in UNIFORM:
        others = {name for name in names if not form.fullmatch(name)}
        if len(names) - len(others) >= FEWEST_UNIFORM and 0 < len(others) <= MOST_UNLIKE * len(names):
            return others if len(others) <= MOST_NAMED else set()
    return set()


def between_attributes(names: Sequence[str], attributes: set[str], is_gene: Callable[[str], bool]) -> list[int]:
    """Find the few columns that stand between attributes of samples and are not known as genes: their positions.

    Examples
    --------
    >>> between_attributes(["Age", "ki67_index", "BMI", "TP53", "x", "y"], {"Age", "BMI"}, lambda name: name == "TP53")
    [1]
    """
    places = [place for place, name in enumerate(names) if name in attributes]
    inside: list[int] = []
    for start, end in pairwise(places):
        gap = range(start + 1, end)
        if 0 < len(gap) <= max(2, len(places)) and not any(is_gene(names[place]) for place in gap):
            inside += gap
    return inside
