"""confounding.tsv: the edges of the networks without and within strata, with a verdict on each."""

from typing import TYPE_CHECKING

from genenet.errors import InputError, count
from genenet.paths import PathLike
from genenet.products.origin import ADVICE, FINGERPRINT, Origin, check_one_run, origin_of_table, put_origin

if TYPE_CHECKING:
    import pandas as pd

NAME = "confounding.tsv"


def read_confounding_of(path: PathLike, edges: PathLike, table: "pd.DataFrame") -> "pd.DataFrame":
    """Read confounding.tsv, and refuse one that was not made of these edges.

    Parameters
    ----------
    path
        The file.
    edges, table
        pruned.parquet, and its edges table.

    Raises
    ------
    InputError
        If it is not such a table, or other edges were kept within strata, with another MI, or by other settings.
    """
    found = read_confounding(path)
    if not len(found):
        return found
    kept = table.loc[table["kept"].to_numpy(bool)]
    within = found.loc[found["kept_within"].to_numpy(bool)]
    ours = {*zip(kept["gene_a"], kept["gene_b"], kept["mi"], strict=True)}
    theirs = {*zip(within["gene_a"], within["gene_b"], within["mi_within"], strict=True)}
    if ours != theirs:
        reasons = [
            f"{len(some - others):,} of {whose} {text} not {where} with the same MI"
            for some, others, whose, text, where in (
                (theirs, ours, "its", f"{count(len(theirs), 'edge')} within strata are", "among the kept ones"),
                (ours, theirs, "the", f"{count(len(ours), 'kept edge')} are", "among its edges within strata"),
            )
            if some - others
        ]
        raise InputError(f"{path} is of another run than {edges}: {' and '.join(reasons)}; {ADVICE}")
    given = {path: Origin.of("pruned", origin_of_table(found).fingerprints), edges: origin_of_table(table)}
    if len({origin.fingerprints.get("pruned") for origin in given.values()} - {None}) > 1:
        raise InputError(
            f"{path} is of another run than {edges}: its edges within strata are the same, but were found by other"
            f" settings; {ADVICE}"
        )
    check_one_run(given)
    return found


def read_confounding(path: PathLike) -> "pd.DataFrame":
    """Read confounding.tsv as `genenet confounding` wrote it; the table notes of which run it is.

    Raises
    ------
    InputError
        If it is not such a table.
    """
    import pandas as pd

    from genenet.products.confounding import COLUMNS, VERDICTS, empty_table

    texts = {"gene_a": str, "gene_b": str, "confounding": str, FINGERPRINT: str}
    try:
        table = pd.read_csv(path, sep="\t", dtype=texts, keep_default_na=False, float_precision="round_trip")
        fingerprints = set(table.pop(FINGERPRINT)) if FINGERPRINT in table else {""}
        if tuple(table) != COLUMNS or not table["confounding"].isin(VERDICTS).all():
            raise ValueError("its columns are others")
        if len(fingerprints) > 1:
            raise ValueError("its rows are of several runs")
    except (OSError, ValueError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path} is no table of genenet confounding ({reason}); make it again") from None
    if not len(table):
        return empty_table()
    put_origin(table, Origin.of("pruned", {"pruned": "".join(fingerprints)}))
    return table
