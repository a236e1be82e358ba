"""confounding.tsv: the edges of the networks without and within strata, with a verdict on each."""

from typing import TYPE_CHECKING

from genenet.errors import InputError
from genenet.paths import PathLike

if TYPE_CHECKING:
    import pandas as pd

NAME = "confounding.tsv"


def read_confounding(path: PathLike) -> "pd.DataFrame":
    """Read confounding.tsv as `genenet confounding` wrote it.

    Raises
    ------
    InputError
        If it is not such a table.
    """
    import pandas as pd

    from genenet.products.confounding import COLUMNS, VERDICTS, empty_table

    texts = {"gene_a": str, "gene_b": str, "confounding": str}
    try:
        table = pd.read_csv(path, sep="\t", dtype=texts, keep_default_na=False, float_precision="round_trip")
        if tuple(table) != COLUMNS or not table["confounding"].isin(VERDICTS).all():
            raise ValueError("its columns are others")
    except (OSError, ValueError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path} is no table of genenet confounding ({reason}); make it again") from None
    return table if len(table) else empty_table()
