"""Findings of the checks of a matrix: each is refused, warned of, or noted."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import pandas as pd

from genenet.config.sections import FindingKind
from genenet.errors import InputError, logger_of

logger = logger_of(__name__)

Weight = Literal["refused", "warned", "noted"]
WEIGHTS: tuple[Weight, ...] = ("refused", "warned", "noted")


@dataclass(frozen=True)
class Finding:
    """One observation about a matrix, such as a column that may not be a sample, and how serious it is.

    Attributes
    ----------
    weight
        `refused`: the matrix cannot be meant like this, nothing is computed. `warned`: it may be a mistake, or makes
        results weaker. `noted`: good to know.
    kind
        Subject of the finding, by which `prepare.accept` names it.
    message
        One line: what, how many, which, and the option that settles it.
    """

    weight: Weight
    kind: FindingKind
    message: str

    def __str__(self) -> str:
        return f"{self.weight} ({self.kind}): {self.message}"


def judged(findings: Iterable[Finding], accept: Collection[str] = (), *, strict: bool = False) -> list[Finding]:
    """Change the weights of findings as the settings `accept` and `strict` ask, and sort them, the heaviest first.

    A refused finding of an accepted kind becomes a warning; with `strict`, warnings of all other kinds are refused.

    Examples
    --------
    >>> found = [Finding("noted", "scaled", "z"), Finding("refused", "orientation", "turned")]
    >>> [finding.weight for finding in judged(found, accept=["orientation"])]
    ['warned', 'noted']
    >>> [finding.weight for finding in judged(found, strict=True)]
    ['refused', 'noted']
    """
    done = []
    for finding in findings:
        if finding.kind in accept:
            done.append(replace(finding, weight="noted" if finding.weight == "noted" else "warned"))
        elif strict and finding.weight == "warned":
            done.append(replace(finding, weight="refused"))
        else:
            done.append(finding)
    return sorted(done, key=lambda finding: WEIGHTS.index(finding.weight))


def refuse(findings: Iterable[Finding]) -> None:
    """Raise one error for all findings that are refused.

    Raises
    ------
    InputError
        If there is one; several are told in one line.
    """
    messages = [finding.message for finding in findings if finding.weight == "refused"]
    if messages:
        raise InputError(" | ".join(dict.fromkeys(messages)))


def tell(findings: Iterable[Finding]) -> None:
    """Add findings to the list of the enclosing `collected`; outside of one, log the warnings."""
    for finding in findings:
        add(finding.weight, finding.kind, finding.message)


def to_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Make the table that a prepared matrix carries: weight, kind, message."""
    rows = [(finding.weight, finding.kind, finding.message) for finding in findings]
    return pd.DataFrame(rows, columns=["weight", "kind", "message"], dtype=object)


def from_frame(table: Any) -> list[Finding]:
    """Make findings of the table that a prepared matrix carries, or none of None."""
    if table is None:
        return []
    rows = zip(table["weight"], table["kind"], table["message"], strict=True)
    return [
        Finding(cast(Weight, str(weight)), cast(FindingKind, str(kind)), str(message)) for weight, kind, message in rows
    ]


_COLLECTED: ContextVar[list[Finding] | None] = ContextVar("collected", default=None)


@contextmanager
def collected() -> Iterator[list[Finding]]:
    """Collect the findings that readers `add` while this context is open."""
    found: list[Finding] = []
    token = _COLLECTED.set(found)
    try:
        yield found
    finally:
        _COLLECTED.reset(token)


def add(weight: Weight, kind: FindingKind, message: str) -> None:
    """Add a finding to the list of the enclosing `collected`; outside of one, log it if it is a warning."""
    found = _COLLECTED.get()
    if found is not None:
        found.append(Finding(weight, kind, message))
    elif weight == "warned":
        logger.warning("%s", message)
