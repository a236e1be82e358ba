"""Gene sets as GMT: one set a line, name, description, then its genes, all separated by tabs."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from genenet.errors import InputError


def read_gene_sets(path: str | os.PathLike[str]) -> dict[str, tuple[str, ...]]:
    r"""Read a GMT file (MSigDB, Enrichr and most collections of gene sets).

    Parameters
    ----------
    path
        Text, plain or gzipped.

    Returns
    -------
    Genes of each set, by its name; a gene that a line names twice counts once.

    Raises
    ------
    InputError
        If the file cannot be read, a line has no gene, or a name occurs twice.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "sets.gmt"
    >>> _ = file.write_text("GLYCOLYSIS\thttp://example.org\tHK1\tPFKM\n")
    >>> read_gene_sets(file)
    {'GLYCOLYSIS': ('HK1', 'PFKM')}
    """
    sets: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(_lines(Path(path)), start=1):
        if not line.strip():
            continue
        name, _, *genes = [field.strip() for field in line.rstrip("\r\n").split("\t")] + [""] * (line.count("\t") < 1)
        named = tuple(dict.fromkeys(gene for gene in genes if gene))
        if not named:
            raise InputError(
                f"line {number:,} of {path} has no genes ({line.strip()[:40]!r}); a GMT file has a set's name, a"
                " description and its genes in each line, separated by tabs"
            )
        if name in sets:
            raise InputError(f"{path} has the gene set {name!r} twice, the second time in line {number:,}; rename one")
        sets[name] = named
    if not sets:
        raise InputError(f"{path} has no gene sets")
    return sets


def given_gene_sets(given: Mapping[str, Sequence[str]] | str | os.PathLike[str] | None) -> Mapping[str, Sequence[str]]:
    """Return gene sets given in memory as they are, read them from a file, or return an empty mapping for None."""
    return read_gene_sets(given) if isinstance(given, str | os.PathLike) else given or {}


def _lines(path: Path) -> list[str]:
    import gzip

    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        return content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"cannot read the gene sets in {path}: {error.strerror or error}") from None
    except (EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a text of gene sets: {error}") from None
