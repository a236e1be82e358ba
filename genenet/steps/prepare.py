"""The step `prepare`: check a matrix, drop samples and genes by the settings, and describe each gene."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genenet.config.sections import Prepare
from genenet.errors import InputError, count, logger_of, quote_some, shorten
from genenet.expression import checks
from genenet.expression import list_matching as roles
from genenet.expression.aggregation import aggregate
from genenet.expression.draft import Draft, start
from genenet.expression.few_samples import few_in_strata, few_samples
from genenet.expression.gene_statistics import gene_statistics
from genenet.expression.genes import drop_summary_rows, filter_genes, merge_duplicates
from genenet.expression.look import look
from genenet.expression.missing import check_missing, treat_missing
from genenet.expression.normalisation import normalise
from genenet.expression.whitening import in_order_of_names, whiten
from genenet.products.strata import MOST_STRATA, read_strata
from genenet.readers import findings
from genenet.readers.bare import BareMatrix, MatrixLike, as_anndata, sample_by_sample
from genenet.readers.gene_lists import LONE_HEADER

if TYPE_CHECKING:
    from anndata import AnnData

logger = logger_of(__name__)

MISSING_NOTES = {
    "regulator": "missing_regulators",
    "target": "missing_targets",
    "kept gene": "missing_keep",
    "control gene": "missing_control_genes",
}
# Columns of `var` that this step adds.
ADDED_COLUMNS = ("mean", "variance", "detection_rate", "regulator", "target")


def prepare(
    data: "MatrixLike | pd.DataFrame",
    settings: Prepare | None = None,
    regulators: Sequence[str] | None = None,
    *,
    targets: Sequence[str] | None = None,
    keep: Sequence[str] | None = None,
    control_genes: Sequence[str] | None = None,
    pairs: Iterable[tuple[str, str]] | None = None,
) -> "AnnData":
    """Check an expression matrix and bring it into the form that the next steps need.

    It works in this order: layer, samples and names are chosen; features that are no genes (10x antibodies, rows
    of totals) are dropped; the matrix is looked at as a whole (`genenet.expression.look`); missing values,
    normalisation, genes of the same name; whitening (`genenet.expression.whitening`); filters of genes, by their values
    before whitening.

    Parameters
    ----------
    data
        AnnData with obs = samples and var = genes, or a DataFrame whose rows are genes (`settings.orientation` turns
        it). It is not modified.
    settings
        Settings of this step.
    regulators
        Names of genes that may regulate; with them the network is directed. Names that are not in the matrix are
        recorded and warned about; it is an error when none is.
    targets
        Names of genes that may be regulated; all, if not given.
    keep
        Names of genes that no filter drops (but a gene without variance cannot be kept).
    control_genes
        Names of genes without a function in these samples: `settings.control_components` of their principal components
        are removed from all genes.
    pairs
        The only pairs of genes to test.

    Returns
    -------
    AnnData
        X in float64 (dense, or CSC when a sparse matrix would take more than 1 GB), the `obs` and `var` of the input,
        and

        - `var`: `mean`, `variance` (of the sample, n - 1), `detection_rate` (share of samples with a value that is not
          0), `regulator`, and `target` when targets are given
        - `uns["genenet"]`: `dropped` (frame of gene, reason), `dropped_samples` (frame of sample, reason), `directed`,
          `missing_regulators`, `source`, `normalisation`, what was chosen (`layer`, `use_raw`, `obs_query`,
          `name_column`), `findings` (frame of weight, kind, message), with strata `strata` (names of the attributes)
          and `small_strata`, with lists `missing_targets`, `missing_keep`, `missing_control_genes`, `pairs` (frame of
          gene_a, gene_b), `whitening` and `aggregation` if there was any

    Raises
    ------
    InputError
        If something is wrong with the matrix or a list.

    Examples
    --------
    >>> frame = pd.DataFrame([[1.0, 2.0, 3.0, 6.0], [0.0, 1.0, 0.0, 1.0], [2.0, 2.0, 2.0, 2.0]], index=["A", "B", "C"])
    >>> ready = prepare(frame, Prepare(min_samples=4, min_variance=0), regulators=["A"])
    >>> ready.var
       mean  variance  detection_rate  regulator
    A   3.0  4.666667             1.0       True
    B   0.5  0.333333             0.5      False
    >>> ready.uns["genenet"]["dropped"]
      gene       reason
    0    C  no variance
    """
    found = prepared(data, settings, regulators, targets=targets, keep=keep, control_genes=control_genes, pairs=pairs)
    return as_anndata(sample_by_sample(found))


def prepared(
    data: "MatrixLike | pd.DataFrame",
    settings: Prepare | None = None,
    regulators: Sequence[str] | None = None,
    *,
    targets: Sequence[str] | None = None,
    keep: Sequence[str] | None = None,
    control_genes: Sequence[str] | None = None,
    pairs: Iterable[tuple[str, str]] | None = None,
) -> BareMatrix:
    """Prepare a matrix as `prepare` does, which has the same parameters, without importing anndata.

    Dense values of a table of genes x samples stay in this order in memory, in which the next steps read them.
    """
    settings = settings or Prepare()
    draft = start(data, settings)
    _drop_other_features(draft)
    drop_summary_rows(draft, settings)
    nameless = settings.duplicates in ("mean", "max_variance")  # which drop genes without a name
    checks.check_printable(draft.var.index, "gene", may_be_empty=nameless)
    checks.check_printable(draft.obs.index, "sample")
    given = {"regulator": regulators, "target": targets, "kept gene": keep, "control gene": control_genes}
    lists = {kind: _without_header(draft, kind, wanted) for kind, wanted in given.items() if wanted is not None}
    _check_direction(draft, lists.get("regulator"))
    if control_genes is None:
        _warn_of_components(draft, settings)
    _look(draft, settings, lists)
    duplicates = settings.duplicates != "error"
    with checks.all_at_once() as each:
        each(checks.check_unique, draft.var.index, "gene", duplicates=duplicates, var=draft.var)
        each(checks.check_unique, draft.obs.index, "sample")
        for kind, wanted in lists.items():
            each(roles.match, wanted, kind, draft.var)
        each(check_missing, draft, settings)
    whitened = settings.whiten == "samples" or control_genes is not None
    if whitened:
        in_order_of_names(draft)
    names = {kind: _match(draft, kind, wanted) for kind, wanted in lists.items()}
    treat_missing(draft, settings)
    checks.check_size(draft, settings.min_samples)
    aggregate(draft, settings)
    _note_strata(draft, settings)
    normalise(draft, settings)
    checks.check_size(draft, settings.min_samples)
    merge_duplicates(draft, settings.duplicates)
    _describe_genes(draft, names)
    if whitened:
        whiten(draft, settings, names.get("control gene"))
    filter_genes(draft, settings, names.get("kept gene", []))
    checks.check_size(draft, settings.min_samples)
    checks.check_constant(draft)
    _check_left(draft, names)
    draft.note |= {"directed": regulators is not None}
    if pairs is not None:
        draft.note["pairs"] = _match_pairs(draft, pairs)
    _warn_of_few_samples(draft)
    return draft.finish()


def _without_header(draft: Draft, kind: str, wanted: Sequence[str]) -> Sequence[str]:
    """Leave out a first name that is no gene but a header, such as the x that R writes over a vector, and say so."""
    names = list(wanted)
    if len(names) < 2 or not LONE_HEADER.fullmatch(str(names[0])) or names[0] in draft.var.index:
        return names
    message = f"{shorten(names[0])}, the first line of the list of {kind}s, is read as its header"
    draft.findings.append(findings.Finding("noted", "lists", message))  # told with those of the matrix
    return names[1:]


def _warn_of_components(draft: Draft, settings: Prepare) -> None:
    """Warn of a number of components of control genes without control genes."""
    n = settings.control_components
    if n != Prepare().control_components:
        message = f"prepare.control_components ({n}) does nothing here: it is used by control genes (--control-genes)"
        draft.findings.append(findings.Finding("warned", "settings", message))


def _warn_of_few_samples(draft: Draft) -> None:
    """Say what cannot be found with few samples, in all or in a stratum."""
    found = few_samples(draft.n_samples, _n_pairs(draft))
    if found is None and "strata" in draft.note:
        strata = read_strata(draft.obs, list(draft.note["strata"]), small=draft.note["small_strata"], warn=False)
        found = few_in_strata(strata.sizes, list(strata.levels)) if strata.n > 1 else None
    draft.take([found] if found else [])


def _n_pairs(draft: Draft) -> int:
    """Number of pairs that will be tested: of a regulator and a target, or those of the list."""
    if "pairs" in draft.note:
        return len(draft.note["pairs"])
    everyone = np.ones(draft.n_genes, dtype=bool)
    regulators = draft.var["regulator"].to_numpy(dtype=bool) if draft.note["directed"] else everyone
    targets = draft.var["target"].to_numpy(dtype=bool) if "target" in draft.var else everyone
    both = int((regulators & targets).sum())
    return int(regulators.sum()) * int(targets.sum()) - both * (both + 1) // 2


def _note_strata(draft: Draft, settings: Prepare) -> None:
    """Check the strata of the samples that are left, and note their attributes for the later steps."""
    if not settings.strata:
        return
    with findings.collected() as found:
        strata = read_strata(draft.obs, settings.strata, small=settings.small_strata)
    draft.take(found)
    attributes = " and ".join(settings.strata)
    if strata.n == 1:
        draft.find(
            "warned",
            "strata",
            f"all {len(draft.obs):,} samples are of one stratum ({attributes} {strata.levels[0]}): the network is the"
            " one without strata",
        )
    else:
        sizes = [f"{level}: {size:,}" for level, size in zip(strata.levels, strata.sizes, strict=True)]
        logger.info("%s strata of %s (%s)", strata.n, attributes, quote_some(sizes, MOST_STRATA))
    draft.note |= {"strata": np.array(settings.strata, dtype=object), "small_strata": settings.small_strata}


def _drop_other_features(draft: Draft) -> None:
    """Drop features of a 10x file that are not genes: antibodies, guides."""
    if "feature_types" in draft.var:
        genes = (draft.var["feature_types"].astype(object) == "Gene Expression").to_numpy()
        if genes.any():
            draft.keep_genes(genes, "feature type is not Gene Expression", level=logging.WARNING)
        else:
            types = list(dict.fromkeys(map(str, draft.var["feature_types"])))
            some = f"({quote_some(types)}): {count(len(genes), 'feature')} are taken for genes"
            message = f"no feature is of the type Gene Expression {some}"
            draft.findings.append(findings.Finding("warned", "no_genes", message))


def _absent(draft: Draft, kind: str, wanted: Sequence[str]) -> Iterator[findings.Finding]:
    """Warn of names of a list that are not in the matrix, or of a list of all genes; `_match` refuses one of none."""
    found, missing = roles.divide(wanted, draft.var)
    everyone = roles.describe_everyone(found, kind, draft.n_genes)
    if everyone:
        yield findings.Finding("warned", "lists", everyone)
    if found and missing:
        message = roles.describe_missing(missing, len(found) + len(missing), kind, draft.var)
        yield findings.Finding("warned", "lists", message)


def _look(draft: Draft, settings: Prepare, lists: Mapping[str, Sequence[str]]) -> None:
    """Look at the matrix as a whole, stop at findings that are refused, and keep the others for the notes."""
    seen = look(
        draft.values,
        list(draft.obs.index),
        list(draft.var.index),
        settings,
        how_to_turn=draft.how_to_turn,
        table=str(draft.note.get("orientation", "")),
        is_frame=draft.is_frame,
        has_thousands=any(finding.kind == "thousands" for finding in draft.findings),
    )
    if any(finding.weight == "refused" and finding.kind == "orientation" for finding in seen):
        lists = {}  # their names are looked for among the wrong ones
    read, draft.findings = draft.findings, []
    draft.take([*read, *seen, *(found for kind, names in lists.items() for found in _absent(draft, kind, names))])


def _check_direction(draft: Draft, regulators: Sequence[str] | None) -> None:
    if regulators is not None:
        wanted = list(dict.fromkeys(regulators))
        roles.check_not_turned(wanted, "regulator", draft.var.index, draft.obs.index, draft.how_to_turn)


def _match(draft: Draft, kind: str, wanted: Sequence[str]) -> list[str]:
    """Give the names of a list that are in the matrix, and note the others."""
    found, missing = roles.match(wanted, kind, draft.var)
    draft.note[MISSING_NOTES[kind]] = np.array(missing, dtype=object)
    return found


def _describe_genes(draft: Draft, names: Mapping[str, list[str]]) -> None:
    """Add columns to `var`; they replace columns of the same names."""
    found = gene_statistics(draft.values)
    checks.check_range(draft, found["variance"])
    columns = found | {"regulator": draft.var.index.isin(names.get("regulator", []))}
    if "target" in names:
        columns["target"] = draft.var.index.isin(names["target"])
    draft.var = draft.var.drop(columns=[*ADDED_COLUMNS], errors="ignore").assign(**columns)


def _check_left(draft: Draft, names: Mapping[str, list[str]]) -> None:
    """Refuse to go on if filters have dropped all regulators or targets."""
    for kind in ("regulator", "target"):
        if kind in names and not draft.var[kind].any():
            n = len(names[kind])
            them = f"the only {kind} of the matrix was" if n == 1 else f"all {count(n, kind)} of the matrix were"
            raise InputError(
                f"{them} dropped (genes dropped: {draft.reasons()}); "
                "loosen the filters, or name them in the list of kept genes"
            )


def _match_pairs(draft: Draft, pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    frame, n_others, absent = roles.match_pairs(pairs, draft.var, [name for name, _ in draft.dropped])
    if n_others:
        verb = "is" if n_others == 1 else "are"
        of = count(n_others + len(frame), "pair")
        draft.find(
            "warned", "lists", f"{n_others:,} of {of} {verb} not of two genes that are left in the matrix{absent}"
        )
    return frame
