"""Attributes of samples: the columns of `obs`, by name."""

from typing import TYPE_CHECKING, Any

from genenet.errors import InputError, quote_some, suggest

if TYPE_CHECKING:
    import pandas as pd


def sample_attribute(obs: "pd.DataFrame", name: str, advice: str = "") -> "pd.Series[Any]":
    """Give the column of a sample attribute.

    Parameters
    ----------
    obs
        Table of the samples' attributes, samples in rows.
    name
        The column's name.
    advice
        Advice at the end of the message, on how to add an attribute.

    Raises
    ------
    InputError
        If there is no such column; the message lists those that there are, and the most similar name.

    Examples
    --------
    >>> import pandas as pd
    >>> sample_attribute(pd.DataFrame({"batch": ["a", "b"]}), "batch").tolist()
    ['a', 'b']
    """
    if name in obs:
        return obs[name]
    names = [str(column) for column in obs]
    known = f"; it has {quote_some(names)}{suggest(name, names)}" if names else ""
    how = f"; {advice}" if advice else ""
    raise InputError(f"the matrix has no sample attribute {quote_some([name])}{known}{how}")
