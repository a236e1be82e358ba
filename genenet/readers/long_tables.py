"""Long tables, one value a line, as exports of Olink, Spectronaut, DIA-NN and qPCR programs are: they are refused."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from genenet.errors import InputError, quote_some
from genenet.readers import known_names
from genenet.readers.notation import is_number

# With at most this many columns a table is judged by its values, with more of them only by the names of its columns.
FEW_COLUMNS, MOST_COLUMNS = 4, 100
FEWEST_ROWS = 4
# Names of columns, without regard to case and to spaces, dots and underscores.
SAMPLES = known_names.set_of(
    """
    sample, sampleid, originalrun, expsampleaccession, biosampleaccession, subjectaccession,
     samplename, samplebarcode, sampleuuid, run, runname, rfilename, filename, rawfile, barcode, cell,
    cellid, cellbarcode, cellline, celllinename, model, modelid, depmapid, patient, patientid, subject, subjectid,
    donor, donorid, submitterid, biosample, replicate, rreplicate, array, arrayid, accession, geoaccession,
    tissue, tissuename, celltype, immunecell, bloodcell, brainregion
    """
)
# Of several columns of genes, those of symbols are preferred.
SYMBOL_WORDS = ("symbol", "gene", "assay", "target")
GENE_WORDS = ("gene", "symbol", "feature", "probe", "protein", "transcript", "assay", "target", "analyte", "olink")
# Of several columns of values, those that are normalised among samples are preferred.
NORMALISED = ("ntpm",)
VALUES = known_names.set_of(
    """
    value, values, expression, expressionvalue, count, counts, rawcount, readcount, umi, umicount, tpm, fpkm, rpkm, cpm,
    ntpm, ptpm, npx, intensity, lfqintensity, quantity, pgquantity, pgmaxlfq, genesmaxlfq, ct, cq, crossingpoint,
    meancq, avgct, ctmean, abundance, normalizedabundance, concentration, signal, signalintensity, rfu, estcounts,
    logintensities, valuereported, valuepreferred, zscore, geneeffect, dependency
    """
)


EDGES = re.compile(r"(source|target|regulator|from|to|tf|gene_?[ab12]|node_?[ab12]|protein_?[ab12])s?", re.IGNORECASE)
"""Headers of the first two columns of a list of edges."""


class _Columns(NamedTuple):
    """Positions of the columns of a long table."""

    genes: int
    samples: int
    values: int


def refuse_long(path: Path, read: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Refuse a long table, and give the command that makes a matrix of it.

    Parameters
    ----------
    path
        The file.
    read
        Command of pandas that reads the file.
    header, rows
        Its header and its first rows.

    Raises
    ------
    InputError
        If the table has one value a line: a column that names genes, one that names samples, neither of them unique.
    """
    if 2 <= len(header) <= MOST_COLUMNS and EDGES.fullmatch(header[0]) and EDGES.fullmatch(header[1]):
        raise InputError(
            f"{path}: is a list of pairs ({quote_some(list(header), 5)}), as networks are; give the expression matrix"
        )
    rows = [row for row in rows if len(row) == len(header)]
    if rows and known_names.is_running_number([row[0] for row in rows]):
        header, rows = header[1:], [row[1:] for row in rows]
    if not 3 <= len(header) <= MOST_COLUMNS or len(rows) < FEWEST_ROWS or not header[0]:
        return
    found = _by_values(header, rows) if len(header) <= FEW_COLUMNS else None
    found = found or _by_names(header, rows)
    if found is None:
        return
    index, columns, values = (header[place].replace("'", "") for place in found)
    pairs = [(row[found.genes], row[found.samples]) for row in rows]
    several = "" if len(set(pairs)) == len(pairs) else "_table"
    zeros = _are_counts([row[found.values] for row in rows])
    raise InputError(
        f"{path}: is a long table, one value a line ({quote_some(list(header), 8)}), not a matrix; make one in Python: "
        f"import pandas as pd; {read}"
        f".pivot{several}(index='{index}', columns='{columns}', values='{values}')"
        ".to_csv('matrix.tsv', sep='\\t')"
        + (f"; lines of the same {index} and {columns} are averaged" if several else "")
        + (" (with .fillna(0) before .to_csv, if what is not listed was not seen)" if zeros else "")
    )


def _by_values(header: Sequence[str], rows: Sequence[Sequence[str]]) -> _Columns | None:
    """Find the columns of a table that has one column of numbers, and two of names that repeat."""
    numeric = [place for place in range(len(header)) if all(is_number(row[place]) for row in rows)]
    text = [place for place in range(len(header)) if place not in numeric]
    vary = [place for place in text if len({row[place] for row in rows}) > 1]
    text = vary if len(vary) > 1 else text
    if len(numeric) != 1 or len(text) < 2:
        return None
    first, second = text[:2]
    pairs = [(row[first], row[second]) for row in rows]
    one, other = ([pair[place] for pair in pairs] for place in (0, 1))
    if len(set(pairs)) < len(pairs) or len(set(one)) == len(set(other)) == len(pairs):
        return None
    are_genes = _are_genes(header[first], one)
    return _Columns(first, second, numeric[0]) if are_genes else _Columns(second, first, numeric[0])


def _by_names(header: Sequence[str], rows: Sequence[Sequence[str]]) -> _Columns | None:
    """Find the columns by their names; those of genes and samples must repeat names."""
    plain = ["".join(letter for letter in name.casefold() if letter.isalnum()) for name in header]
    values = [
        place for place, name in enumerate(plain) if name in VALUES and any(is_number(row[place]) for row in rows)
    ]
    samples = [place for place, name in enumerate(plain) if name in SAMPLES]
    genes = [
        place
        for place, name in enumerate(plain)
        if place not in (*values, *samples)
        and any(word in name for word in GENE_WORDS)
        and not all(is_number(row[place]) for row in rows)
    ]
    if not (values and samples and genes):
        return None
    sample = max(samples, key=lambda place: len({row[place] for row in rows}))
    repeated = len({row[sample] for row in rows}) < len(rows)
    n_pairs = {gene: len({(row[gene], row[sample]) for row in rows}) for gene in genes}
    gene = max(genes, key=lambda place: (any(word in plain[place] for word in SYMBOL_WORDS), n_pairs[place], -place))
    repeated = repeated or len({row[gene] for row in rows}) < len(rows)
    value = next((place for place in values if plain[place] in NORMALISED), values[0])
    return _Columns(gene, sample, value) if repeated else None


def _are_genes(name: str, values: list[str]) -> bool:
    if any(word in name.casefold() for word in GENE_WORDS):
        return True
    known = known_names.count_fitting(values, known_names.is_known_gene, known_names.is_gene_id)
    return known > len(values) / 4


def _are_counts(cells: Sequence[str]) -> bool:
    return all(cell.isdecimal() and cell != "0" for cell in cells)
