"""Files as people bring them: the right values, or the message that settles it, word for word."""

import gzip
import io
import lzma
import tarfile
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from genenet.config import Prepare
from genenet.config.faces import spelled
from genenet.errors import InputError
from genenet.readers import mangled_names, read_matrix
from genenet.readers.attributes import read_attributes
from genenet.readers.matrix import load
from tests.readers import brought
from tests.readers.brought import (
    COUNTS,
    GENES,
    JOINED,
    LINES,
    LOGS,
    SAMPLES,
    features,
    lines,
    table,
    text,
    with_columns,
)

TURNED = "the matrix looks transposed; set prepare.orientation: samples_by_genes"
CHROMOSOMES = [f"chr{number}" for number in (*range(1, 23), "X", "Y", *range(1, 7))]
BY_SAMPLE = ("--orientation", "samples_by_genes")


def aside(what: str, option: str, kind: str = "samples") -> str:
    """The end of a message about columns."""
    them = "it" if what == "1" else "them"
    return (
        f"set {them} aside with prepare.annotation_columns: '{option}', or keep {them} with prepare.accept: no_{kind}"
    )


def with_statistics(*names: str, start: str = "", end: str = "") -> pd.DataFrame:
    """Columns of the same scale as the samples, before them."""
    samples = LOGS.set_axis([f"{start}{name}{end}" for name in SAMPLES], axis=1)
    return with_columns(samples, **{name: LOGS.iloc[::-1, place].to_list() for place, name in enumerate(names)})


def with_rows(*names: str) -> pd.DataFrame:
    """Rows of the same scale as the genes, above them."""
    return pd.concat([LOGS.iloc[: len(names)].set_axis(names)[SAMPLES[::-1]].set_axis(SAMPLES, axis=1), LOGS])


def aside_rows(option: str) -> str:
    """The end of a message about several rows."""
    return f"set them aside with prepare.annotation_rows: '{option}', or keep them with prepare.accept: no_genes"


def table_in(encoding: str) -> brought.Maker:
    """The table in another encoding."""
    return text(LOGS.to_csv(sep="\t"), encoding)


REFUSED: dict[str, tuple[str, brought.Maker, tuple[str, ...], str]] = {
    # Columns and rows that are no samples or genes
    "cBioPortal": (
        "m.txt",
        table(with_columns(LOGS, Entrez_Gene_Id=range(7157, 7187)).rename_axis("Hugo_Symbol")),
        (),
        "1 column is no sample: Entrez_Gene_Id (annotation); " + aside("1", "Entrez_Gene_Id"),
    ),
    "featureCounts": (
        "m.txt",
        table(features(Chr="chr1", Start=range(30), End=range(900, 930), Strand="+", Length=900)),
        (),
        "{path}: 5 columns are no samples: Chr, Strand (text), Start, End, Length (annotation); set them aside with "
        "prepare.annotation_columns: 'Chr,Start,End,Strand,Length'",
    ),
    "featureCounts, one column set aside": (
        "m.txt",
        table(features(Chr="chr1", Length=900)),
        ("--annotation-columns", "Chr"),
        "1 column is no sample: Length (annotation); " + aside("1", "Chr,Length"),
    ),
    "index and GeneID": (
        "m.csv",
        table(with_columns(LOGS, GeneID=range(7157, 7187)).reset_index(drop=True), ","),
        (),
        "1 column is no sample: GeneID (annotation); "
        + aside("1", "GeneID")
        + "; the rows are only numbered (0, 1, 2, ...): if one of these names them, set prepare.name_column: 'GeneID'",
    ),
    "age and sex beside genes": (
        "m.csv",
        table(with_columns(LOGS.T, age=range(30, 70), sex=[0, 1] * 20), ","),
        BY_SAMPLE,
        "2 columns are no genes: age, sex (an attribute of samples); " + aside("2", "age,sex", "genes"),
    ),
    "age below genes": (
        "m.tsv",
        table(pd.concat([LOGS, pd.DataFrame([range(30, 70)], index=["age"], columns=SAMPLES)])),
        (),
        "1 row is no gene: age (an attribute of samples); set it aside with "
        "prepare.annotation_rows: 'age', or keep it with prepare.accept: no_genes",
    ),
    "a mean and a maximum beside the samples": (
        "m.tsv",
        table(LOGS.assign(Mean=LOGS.mean(axis=1), Max=LOGS.max(axis=1))),
        (),
        "2 columns are no samples: Mean, Max (a statistic of the others); " + aside("2", "Mean,Max"),
    ),
    "correlations of the genes": (
        "m.csv",
        table(LOGS.T.corr(), ","),
        (),
        "rows and columns have the same 30 names (TP53, MYC, JUN and 27 more) and the matrix is symmetric, as those "
        "of correlations, distances and networks are: give the expression matrix that it was computed from, or keep "
        "it with prepare.accept: no_samples",
    ),
    "distances of the samples, in another order": (
        "m.csv",
        table((1 - LOGS.corr().round(4)).iloc[::-1], ","),
        (),
        "rows and columns have the same 40 names (S40, S39, S38 and 37 more) and the matrix is symmetric, as those "
        "of correlations, distances and networks are: give the expression matrix that it was computed from, or keep "
        "it with prepare.accept: no_samples",
    ),
    "the upper triangle of correlations": (
        "m.csv",
        table(LOGS.T.corr().where(np.triu(np.ones((30, 30), bool))), ","),
        (),
        "rows and columns have the same 30 names (TP53, MYC, JUN and 27 more) and the matrix is a triangle, as those "
        "of correlations, distances and networks are: give the expression matrix that it was computed from, or keep "
        "it with prepare.accept: no_samples",
    ),
    "the lower triangle of distances, with zeros": (
        "m.csv",
        table((1 - LOGS.T.corr()) * np.tri(30, k=-1), ","),
        ("--min-variance", "0"),
        "rows and columns have the same 30 names (TP53, MYC, JUN and 27 more) and the matrix is a triangle, as those "
        "of correlations, distances and networks are: give the expression matrix that it was computed from, or keep "
        "it with prepare.accept: no_samples",
    ),
    "a triangle without its diagonal": (
        "m.csv",
        table(LOGS.T.corr().where(np.triu(np.ones((30, 30), bool), 1)).iloc[:-1, 1:], ","),
        (),
        "rows and columns have 28 names in common (TP53, MYC, JUN and 26 more) and the matrix is a triangle, as those "
        "of correlations, distances and networks are: give the expression matrix that it was computed from, or keep "
        "it with prepare.accept: no_samples",
    ),
    "a value and a test for each sample": (
        "m.tsv",
        table(pd.concat([LOGS.add_suffix("_expr"), LOGS.add_suffix("_padj") / 100], axis=1).sort_index(axis=1)),
        (),
        "each sample has 2 columns (S01_expr, S01_padj): choose one kind of them with prepare.value_columns: '*_expr'",
    ),
    "a change and a test before the name of each sample": (
        "m.tsv",
        table(pd.concat([LOGS.add_prefix("log2FC."), LOGS.add_prefix("pval.") / 100], axis=1)),
        (),
        "each sample has 2 columns (log2FC.S01, pval.S01): choose one kind of them with prepare.value_columns: "
        "'log2FC.*' (or 'pval.*')",
    ),
    "locus tags of E. coli for samples": (
        "m.tsv",
        table(LOGS.T.set_axis([f"b{61 * n + 3:04}" for n in range(30)], axis=1).rename(lambda name: f"wt__{name}")),
        (),
        "30 of the 30 sample names are locus tags (b0003, b0064, b0125 and 27 more): " + TURNED,
    ),
    "detection p-values": (
        "m.txt",
        table(pd.concat([LOGS, LOGS.add_suffix(".Detection Pval") / 100], axis=1)),
        (),
        "40 columns are no samples: S01.Detection Pval, S02.Detection Pval, S03.Detection Pval, S04.Detection Pval, "
        "S05.Detection Pval and 35 more (annotation); " + aside("40", "*Detection Pval*"),
    ),
    "results of DESeq2": (
        "m.tsv",
        table(
            pd.DataFrame(1.5, index=GENES, columns=["baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj"])
        ),
        (),
        "the table has no samples: its columns (baseMean, log2FoldChange, lfcSE, stat, pvalue, padj) are those of a "
        "table as DESeq2 writes it; give the matrix of values, one column a sample",
    ),
    "Salmon": (
        "quant.sf",
        table(pd.DataFrame(1.5, index=GENES, columns=["Length", "EffectiveLength", "TPM", "NumReads"])),
        (),
        "the table has no samples: its columns (Length, EffectiveLength, TPM, NumReads) are those of a table as Salmon "
        "writes it; give the matrix of values, one column a sample",
    ),
    "several columns of names and an index": (
        "m.csv",
        table(with_columns(LOGS.T, SequencingID=SAMPLES, ModelID=LINES, Default="Yes").reset_index(drop=True), ","),
        BY_SAMPLE,
        "{path}: 3 columns are no genes: SequencingID, ModelID, Default (text); the rows are only numbered "
        "(0, 1, 2, ...): name them with prepare.sample_column: 'ModelID' (or SequencingID) and set the others aside "
        "with prepare.annotation_columns: 'SequencingID,Default'",
    ),
    "BED of expression": (
        "m.bed",
        table(with_columns(LOGS, start=range(30), end=range(1, 31), gene_id=GENES).set_axis(CHROMOSOMES)),
        (),
        "{path}: 3 columns are no samples: gene_id (text), start, end (annotation); the first column holds "
        "chromosomes: name them with prepare.name_column: 'gene_id' and set the others aside with "
        "prepare.annotation_columns: 'start,end'",
    ),
    "edgeR beside samples": (
        "m.tsv",
        table(with_statistics("logFC", "logCPM", "F", "PValue", "FDR")),
        (),
        "5 columns are no samples: logFC, logCPM, PValue, FDR (annotation), F (beside annotation); "
        + aside("5", "logFC,logCPM,F,PValue,FDR"),
    ),
    "limma beside samples": (
        "m.tsv",
        table(with_statistics("logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B")),
        (),
        "6 columns are no samples: logFC, AveExpr, P.Value, adj.P.Val (annotation), t, B (beside annotation); "
        + aside("6", "logFC,AveExpr,t,P.Value,adj.P.Val,B"),
    ),
    "sleuth beside samples": (
        "m.tsv",
        table(with_statistics("pval", "qval", "b", "se_b", "mean_obs", "var_obs", "tech_var", "sigma_sq")),
        (),
        "8 columns are no samples: pval, qval, mean_obs, var_obs, tech_var (annotation), b, se_b, sigma_sq (beside "
        "annotation); " + aside("8", "pval,qval,b,se_b,mean_obs,var_obs,tech_var,sigma_sq"),
    ),
    "t-tests beside samples": (
        "m.tsv",
        table(with_statistics("FC", "t-test p", "-log10(p)", "VIP")),
        (),
        "4 columns are no samples: FC, VIP (beside annotation), t-test p, -log10(p) (annotation); "
        + aside("4", "FC,t-test p,-log10(p),VIP"),
    ),
    "Perseus beside samples": (
        "m.tsv",
        table(with_statistics("-Log ANOVA p value a_b", "T-test Difference a_b", "PC1_loading")),
        (),
        "3 columns are no samples: -Log ANOVA p value a_b, T-test Difference a_b, PC1_loading (annotation); "
        + aside("3", "-Log ANOVA p value a_b,T-test Difference a_b,PC1_loading"),
    ),
    "a ratio beside samples": (
        "m.tsv",
        table(with_statistics("log2 ratio treat/ctrl")),
        (),
        "1 column is no sample: log2 ratio treat/ctrl (annotation); " + aside("1", "log2 ratio treat/ctrl"),
    ),
    "a statistic with an unknown name": (
        "m.tsv",
        table(with_statistics("baseMean", "mystery", "padj")),
        (),
        "3 columns are no samples: baseMean, padj (annotation), mystery (beside annotation); "
        + aside("3", "baseMean,mystery,padj"),
    ),
    "xcms": (
        "m.csv",
        table(with_statistics("mzmed", "mzmin", "rtmed", "rtmin", "npeaks"), ","),
        (),
        "5 columns are no samples: mzmed, mzmin, rtmed, rtmin, npeaks (annotation); "
        + aside("5", "mzmed,mzmin,rtmed,rtmin,npeaks"),
    ),
    "Progenesis": (
        "m.csv",
        table(with_statistics("m/z", "RT (min)", "Charge"), ","),
        (),
        "3 columns are no samples: m/z, RT (min) (annotation), Charge (beside annotation); "
        + aside("3", "m/z,RT (min),Charge"),
    ),
    "MZmine": (
        "m.csv",
        table(with_statistics("row m/z", "row retention time", end=".mzML Peak area"), ","),
        (),
        "2 columns are no samples: row m/z, row retention time (annotation); choose the others with "
        "prepare.value_columns: '*.mzML Peak area', or keep them with prepare.accept: no_samples",
    ),
    "MaxQuant with one kind of value": (
        "proteinGroups.txt",
        table(with_statistics("Peptides", "Score", start="LFQ intensity ").assign(Reverse=["+", *[""] * 29])),
        (),
        "{path}: 3 columns are no samples: Reverse (text), Peptides (annotation), Score (beside annotation); choose "
        "the others with prepare.value_columns: 'LFQ intensity *', and leave out decoys and contaminants with "
        "prepare.var_query: 'Reverse != \"+\"'",
    ),
    "doses with units above genes": (
        "m.tsv",
        table(with_rows("Dose (uM)", "Time (h)")),
        (),
        "2 rows are no genes: Dose (uM), Time (h) (an attribute of samples); " + aside_rows("Dose (uM),Time (h)"),
    ),
    "quality of the RNA above genes": (
        "m.tsv",
        table(with_rows("RIN", "Total reads (M)", "pH", "PMI")),
        (),
        "4 rows are no genes: RIN, Total reads (M) (an attribute of samples), pH, PMI (beside attributes of samples); "
        + aside_rows("RIN,Total reads (M),pH,PMI"),
    ),
    "laboratory values above genes": (
        "m.tsv",
        table(with_rows("HbA1c", "CRP", "eGFR", "LDL")),
        (),
        "4 rows are no genes: HbA1c (an attribute of samples), CRP, eGFR, LDL (beside attributes of samples); "
        + aside_rows("HbA1c,CRP,eGFR,LDL"),
    ),
    "scores above genes": (
        "m.tsv",
        table(with_rows("HALLMARK_G2M_CHECKPOINT", "ESTIMATEScore", "my_score", "CIBERSORT_CD8")),
        (),
        "4 rows are no genes: HALLMARK_G2M_CHECKPOINT, ESTIMATEScore, CIBERSORT_CD8 (an attribute of samples), "
        "my_score (between attributes of samples); "
        + aside_rows("HALLMARK_G2M_CHECKPOINT,ESTIMATEScore,my_score,CIBERSORT_CD8"),
    ),
    "name with a comma": (
        "m.tsv",
        table(with_columns(LOGS, **{"Gene, symbol": GENES})),
        (),
        "{path}: 1 column is no sample: Gene, symbol (text); set it aside with "
        "prepare.annotation_columns: '\"Gene, symbol\"'",
    ),
    "counts, abundances and lengths of tximport": (
        "m.tsv",
        table(
            pd.concat([COUNTS.add_prefix("counts."), LOGS.add_prefix("abundance."), LOGS.add_prefix("length.")], axis=1)
        ),
        (),
        "each sample has 3 columns (counts.S01, abundance.S01, length.S01): choose one kind of them with "
        "prepare.value_columns: 'counts.*' (or 'abundance.*', 'length.*')",
    ),
    "FPKM and counts of each sample": (
        "m.tsv",
        table(pd.concat([LOGS.add_suffix("_FPKM"), COUNTS.add_suffix("_count")], axis=1)),
        (),
        "each sample has 2 columns (S01_FPKM, S01_count): choose one kind of them with prepare.value_columns: "
        "'*_FPKM' (or '*_count')",
    ),
    "MaxQuant": (
        "proteinGroups.txt",
        table(
            with_columns(
                (2**LOGS).round(0).add_prefix("LFQ intensity "),
                **{"Gene names": GENES, "Peptides": range(2, 32), "Intensity": range(10**6, 31 * 10**6, 10**6)},
            )
        ),
        (),
        "{path}: 3 columns are no samples: Gene names (text), Peptides (annotation), Intensity (beside annotation); "
        "choose the others with prepare.value_columns: 'LFQ intensity *'",
    ),
    "MaxQuant, whole": (
        "proteinGroups.txt",
        brought.protein_groups,
        (),
        "{path}: each sample has 4 columns (Peptides S01, Unique peptides S01, Intensity S01, LFQ intensity S01): "
        "choose one kind of them with prepare.value_columns: 'LFQ intensity *' (or 'Intensity *', 'Peptides *', "
        "'Unique peptides *'), and leave out decoys and contaminants with prepare.var_query: 'Reverse != \"+\" and "
        '`Potential contaminant` != "+"\'',
    ),
    "FragPipe": (
        "combined_protein.tsv",
        brought.combined_protein,
        (),
        "{path}: each sample has 3 columns (S01 Spectral Count, S01 Intensity, S01 MaxLFQ Intensity): choose one kind "
        "of them with prepare.value_columns: '* MaxLFQ Intensity' (or '* Spectral Count')",
    ),
    "Proteome Discoverer": (
        "proteins.txt",
        table(
            with_columns(
                pd.concat([LOGS.add_prefix("Abundance: "), LOGS.add_prefix("Abundances (Normalized): ")], axis=1),
                Accession=[f"P{number}" for number in range(10000, 10030)],
                Description="a protein",
            ).set_axis([False] * 30),
        ),
        (),
        "{path}: each sample has 2 columns (Abundance: S01, Abundances (Normalized): S01): choose one kind of them "
        "with prepare.value_columns: 'Abundances (Normalized): *' (or 'Abundance: *'); the 30 rows have 1 name only "
        "(False): name them with prepare.name_column: 'Accession'",
    ),
    "Cufflinks": (
        "genes.fpkm_tracking",
        table(
            with_columns(
                pd.concat([LOGS.add_suffix(f"_{kind}") for kind in ("FPKM", "conf_lo", "conf_hi")], axis=1), locus="1:1"
            )
        ),
        (),
        "{path}: each sample has 3 columns (S01_FPKM, S01_conf_lo, S01_conf_hi): choose one kind of them with "
        "prepare.value_columns: '*_FPKM' (or '*_conf_lo', '*_conf_hi')",
    ),
    "columns aligned by spaces": (
        "m.txt",
        text(LOGS.to_string()),
        (),
        "{path}: columns are separated by several spaces (line 1); separate them by one tab, for example with: sed -E "
        "'s/ +/\\t/g' OLD > NEW",
    ),
    "Spectronaut": (
        "pg.tsv",
        table(
            with_columns(
                LOGS.set_axis([f"[{n}] {name}.raw.PG.Quantity" for n, name in enumerate(SAMPLES)], axis=1),
                **{"PG.Genes": GENES},
            )
        ),
        (),
        "{path}: 1 column is no sample: PG.Genes (text); choose the others with prepare.value_columns: "
        "'*.raw.PG.Quantity'",
    ),
    "limits of detection": (
        "m.tsv",
        table(LOGS.map(lambda value: "<5" if value < 5 else ">8" if value > 8 else value)),
        (),
        "{path}: "
        + f"{((LOGS < 5) | (LOGS > 8)).sum().sum()} cells hold a text that may stand for a missing value: '<5' "
        + f"({(LOGS < 5).sum().sum()}), '>8' ({(LOGS > 8).sum().sum()}); the first is gene TP53, sample S01: line 2, "
        + "column 2; read them as missing with prepare.na_values: '<5,>8' and, for example, prepare.missing: pairwise; "
        "values below a limit of detection ('<5') are not missing at random",
    ),
    "a word that is repeated": (
        "m.tsv",
        table(LOGS.map(lambda value: "bad well" if value > 9 else value)),
        (),
        "{path}: "
        + f"{(LOGS > 9).sum().sum()} cells hold a text that may stand for a missing value: 'bad well' "
        + f"({(LOGS > 9).sum().sum()}); the first is gene MYC, sample S19: line 3, column 20; read them as missing "
        + "with prepare.na_values: 'bad well' and, for example, prepare.missing: pairwise",
    ),
    "decimal commas that are not quoted": (
        "m.csv",
        text(LOGS.to_csv(sep=";", decimal=",").replace(";", ",")),
        (),
        "{path}: line 2 has 81 fields, twice as many values as the header (line 1): the decimal commas are taken for "
        "separators; separate the columns by tabs or semicolons, or put the numbers in quotes",
    ),
    "whole numbers without names": (
        "m.tsv",
        table(COUNTS, index=False),
        (),
        "{path}: the first column (S01) is named like the others and holds numbers "
        + f"({', '.join(map(str, COUNTS.iloc[:3, 0]))}), not names; put names of the genes before it, with a cell in "
        + "the header",
    ),
    "columns without a name": (
        "m.tsv",
        text("\n".join(["\t".join(["gene", *SAMPLES[:20], *[""] * 20]), *lines(LOGS)[1:]])),
        (),
        "{path}: the last 20 columns have no name in the header (line 1); give each a name, or remove them",
    ),
    "rows of two levels": (
        "m.csv",
        table(LOGS.assign(chr="1").reset_index().set_index(["chr", "gene"]), ","),
        (),
        "{path}: 1 column is no sample: gene (text); the 30 rows have 1 name only (1): name them with "
        "prepare.name_column: 'gene'",
    ),
    "names in the last column": (
        "m.csv",
        table(LOGS.reset_index(drop=True).assign(gene=GENES), ",", index=False),
        (),
        "{path}: 1 column is no sample: gene (text); the first column holds values in place of names: put the column "
        "of the names (gene) before it",
    ),
    "text and codes in parquet": (
        "m.parquet",
        lambda path: LOGS.astype(str).map(lambda cell: "ND" if cell > "9" else cell).to_parquet(path),
        (),
        "{path}: 40 columns (S01, S02, S03 and 37 more) hold numbers as text ('4.797') beside 'ND'; convert them "
        "before writing the file, with frame.apply(pandas.to_numeric, errors='coerce')",
    ),
    # Sums, triangles, shifted headers
    "a sum of the samples under any name": (
        "m.tsv",
        table(COUNTS.assign(Gesamtergebnis=COUNTS.sum(axis=1))),
        ("--normalisation", "log1p_cpm"),
        "1 column is no sample: Gesamtergebnis (the sum of the others); " + aside("1", "Gesamtergebnis"),
    ),
    "a mean of the genes under any name": (
        "m.tsv",
        table(pd.concat([LOGS, LOGS.mean().round(3).to_frame("Schnitt").T])),
        (),
        "1 row is no gene: Schnitt (the mean of the others); set it aside with prepare.annotation_rows: 'Schnitt', or "
        "keep it with prepare.accept: no_genes",
    ),
    "rows of a triangle": (
        "m.tsv",
        text(
            "\t"
            + "\t".join(GENES)
            + "\n"
            + "".join(f"{g}{chr(9)}{chr(9).join(['0.5'] * (n + 1))}\n" for n, g in enumerate(GENES))
        ),
        (),
        "{path}: each row has one field more than the one above (lines 2 to 31), as in a triangle of correlations or "
        "distances: give the expression matrix that it was computed from",
    ),
    "a header that lacks a name": (
        "m.tsv",
        text("\n".join(["\t".join(["Gene_ID", *SAMPLES[:-1]]), *lines(LOGS)[1:]])),
        (),
        "{path}: the header (line 1) has 40 fields and the rows have 41; its first (Gene_ID) seems to name the first "
        "column, so that the name of one column is missing: add it, or, if Gene_ID names the second column, put an "
        "empty cell before it",
    ),
    "a header with a name more": (
        "m.tsv",
        text("\n".join([lines(LOGS)[0] + "\tS41", *lines(LOGS)[1:]])),
        (),
        "{path}: the header (line 1) has 42 fields (the last is 'S41') and line 2 has 41 (separator: tab); the header "
        "needs as many fields as the rows, or one fewer",
    ),
    "Markdown": (
        "m.md",
        text("".join("| " + line.replace("\t", " | ") + " |\n" for line in lines(LOGS))),
        (),
        "{path}: is a table of Markdown (line 1: '| gene | S01 | S02 | S03 | S04 | S05 | S06 | S07 | S08 | S09 | S10 | "
        "S11 | S1...'); write it as text with tabs",
    ),
    "LaTeX": (
        "m.tex",
        text("".join(line.replace("\t", " & ") + " \\\\\n" for line in lines(LOGS))),
        (),
        "{path}: is a table of LaTeX (line 1: 'gene & S01 & S02 & S03 & S04 & S05 & S06 & S07 & S08 & S09 & S10 & "
        "S11 & S12 ...'); write it as text with tabs",
    ),
    # Archives
    "zip of one file": (
        "m.zip",
        brought.zipped("m.tsv", "__MACOSX/m.tsv"),
        (),
        "{path}: is a zip archive of m.tsv; unpack it (unzip), and give that",
    ),
    "zip of several files": (
        "m.zip",
        brought.zipped("a.tsv", "b.tsv"),
        (),
        "{path}: is a zip archive of 2 files (a.tsv, b.tsv); unpack it, and give the one with the matrix",
    ),
    "RCC": (
        "m.RCC",
        text("<Header>\nFileVersion,1.7\n</Header>\n"),
        (),
        "{path}: is the RCC file of one lane of NanoString; join the lanes to one table, as nSolver exports it",
    ),
    "ADAT": (
        "m.adat",
        text("!Checksum\tabc\n^HEADER\n"),
        (),
        "{path}: is an ADAT file of SomaScan; write its values as a table, in R with SomaDataIO::read_adat",
    ),
    "strands of STAR": (
        "m.tsv",
        table(pd.concat([COUNTS.add_suffix(f".{strand}") for strand in ("unstranded", "forward", "reverse")], axis=1)),
        (),
        "each sample has 3 columns (S01.unstranded, S01.forward, S01.reverse): choose one kind of them with "
        "prepare.value_columns: '*.unstranded' (or '*.forward', '*.reverse')",
    ),
    "values and their errors": (
        "m.tsv",
        table(pd.concat([LOGS.add_suffix(".value"), (LOGS * 0.05).round(3).add_suffix(".se")], axis=1)),
        (),
        "each sample has 2 columns (S01.value, S01.se): choose one kind of them with prepare.value_columns: '*.value'",
    ),
    "means and deviations": (
        "m.tsv",
        table(pd.concat([(LOGS * 0.05).round(3).add_suffix("_sd"), LOGS.add_suffix("_mean")], axis=1)),
        (),
        "each sample has 2 columns (S01_sd, S01_mean): choose one kind of them with prepare.value_columns: '*_mean' "
        "(or '*_sd')",
    ),
    "workbook of several sheets": (
        "m.xlsx",
        brought.zipped(
            "xl/workbook.xml", content='<sheets><sheet name="TPM" sheetId="1"/><sheet name="R&amp;D"/></sheets>'
        ),
        (),
        "{path}: is an Excel workbook (2 sheets: TPM, R&D); write the sheet with the matrix as text, with "
        "pandas.read_excel(FILE, sheet_name=SHEET).to_csv('m.tsv', sep='\\t', index=False) for instance, since Excel "
        "saves numbers rounded as it shows them; then look for names that it made of genes such as SEPT1 (1-Sep): "
        "genenet check lists them",
    ),
    "OpenDocument": (
        "m.ods",
        brought.zipped("content.xml"),
        (),
        "{path}: is an OpenDocument spreadsheet; save its table as tab-separated text and check the names",
    ),
    "lz4": (
        "m.tsv.lz4",
        lambda path: path.write_bytes(b"\x04\x22\x4d\x18\0\0") and None,
        (),
        "{path}: is compressed with lz4; unpack it (unlz4), or compress it with gzip",
    ),
    # Names of the rows
    "an index before the names": (
        "m.csv",
        table(LOGS.reset_index(), ","),
        (),
        "{path}: 1 column is no sample: gene (text); the rows are only numbered (0, 1, 2, ...): name them with "
        "prepare.name_column: 'gene'",
    ),
    "an empty column before the names, samples in rows": (
        "m.tsv",
        text("".join(f"\t{line}\n" for line in lines(LOGS.T.rename_axis("sample")))),
        BY_SAMPLE,
        "{path}: 1 column is no gene: sample (text); the first column is empty: name them with prepare.sample_column: "
        "'sample'",
    ),
    "classes before the names": (
        "m.csv",
        table(with_columns(LOGS, Name=GENES, Accession="NM_1").set_axis(["Endogenous"] * 28 + ["Positive"] * 2), ","),
        (),
        "{path}: 2 columns are no samples: Name, Accession (text); the 30 rows have 2 names only (Endogenous, "
        "Positive): name them with prepare.name_column: 'Name' and set the others aside with "
        "prepare.annotation_columns: 'Accession'",
    ),
    "an index of decimals before names and annotation": (
        "m.csv",
        table(with_columns(LOGS, chr="chr1", symbol=GENES).set_axis([float(n) for n in range(30)]), ","),
        (),
        "{path}: 2 columns are no samples: chr, symbol (text); the rows are only numbered (0, 1, 2, ...): name them "
        "with prepare.name_column: 'symbol' and set the others aside with prepare.annotation_columns: 'chr'",
    ),
    "an index before the names of samples, transposed": (
        "m.csv",
        table(LOGS.T.rename_axis("sample").reset_index(), ","),
        (),
        "{path}: 1 column is no sample: sample (text); 30 of the 30 sample names are names of genes (TP53, MYC, JUN "
        "and 27 more): the matrix looks transposed; set prepare.orientation: samples_by_genes and "
        "prepare.sample_column: 'sample'",
    ),
    "clinical columns in capitals": (
        "m.csv",
        table(with_columns(LOGS.T, TIME_TO_EVENT=range(30, 70), EVENT=[0, 1] * 20, RIN=np.linspace(6, 9.9, 40)), ","),
        BY_SAMPLE,
        "3 columns are no genes: TIME_TO_EVENT, EVENT, RIN (an attribute of samples); "
        + aside("3", "TIME_TO_EVENT,EVENT,RIN", "genes"),
    ),
    # Orientation
    "proteins in columns": (
        "m.csv",
        table(
            LOGS.T.set_axis([f"{'PQO'[n % 3]}{n % 10}{'Y6A'[n % 3]}{n % 7}K{n % 9}" for n in range(30)], axis=1), ","
        ),
        (),
        f"30 of the 30 sample names are names of genes (P0Y0K0, Q161K1, O2A2K2 and 27 more): {TURNED}",
    ),
    "CRISPR gene effects": (
        "m.csv",
        table(LOGS.T.set_axis(LINES).set_axis(JOINED, axis=1), ","),
        (),
        "30 of the 30 sample names are names of genes (TP53 (1000), MYC (1001), JUN (1002) and 27 more) and 40 of the "
        f"40 gene names are ids of samples (ACH-000001, ACH-000002, ACH-000003 and 37 more): {TURNED}",
    ),
    "cells in rows": (
        "m.csv",
        table(LOGS.T, ","),
        (),
        f"30 of the 30 sample names are names of genes (TP53, MYC, JUN and 27 more): {TURNED}",
    ),
    "genes in the rows of AnnData": (
        "m.h5ad",
        brought.turned_anndata,
        (),
        "30 of the 30 sample names are names of genes (TP53, MYC, JUN and 27 more): the matrix looks transposed; "
        "obs must be samples and var genes: turn it with adata.T",
    ),
    # Header and layout
    "rows that end with a separator": (
        "m.tsv",
        text("\n".join([lines(LOGS)[0], *(f"{line}\t" for line in lines(LOGS)[1:])])),
        (),
        "{path}: the rows end with a separator (line 2), but the header (line 1) does not; take the separator off the "
        "ends of the lines",
    ),
    "no header": (
        "m.tsv",
        table(COUNTS, header=False),
        (),
        "{path}: the first line holds numbers ("
        + ", ".join(map(str, COUNTS.iloc[0, :3]))
        + "), not names; add a header line with names",
    ),
    "ids that pandas wrote as decimals": (
        "m.csv",
        table(LOGS.set_axis([f"{n}.0" for n in range(7157, 7187)]), ","),
        (),
        "{path}: names of the genes are whole numbers with .0 (7157.0, 7158.0, 7159.0), as pandas writes ids where "
        "some are "
        "missing; write them without, for example with: frame.index.astype(int)",
    ),
    "cytobands": (
        "m.txt",
        table(with_columns(LOGS, Entrez_Gene_Id=range(7157, 7187), Cytoband="17p").rename_axis("Hugo_Symbol")),
        (),
        "{path}: 2 columns are no samples: Cytoband (text), Entrez_Gene_Id (annotation); set them aside with "
        "prepare.annotation_columns: 'Entrez_Gene_Id,Cytoband'",
    ),
    "no names": (
        "m.tsv",
        table(LOGS.T, index=False),
        BY_SAMPLE,
        "{path}: the first column (TP53) holds numbers ("
        + ", ".join(map(str, LOGS.iloc[0, :3]))
        + "), not names; put names of the samples before it, with a cell in the header",
    ),
    "one sample of STAR": (
        "ReadsPerGene.out.tab",
        text("N_unmapped\t5\t5\t5\nN_multimapping\t1\t1\t1\nTP53\t8\t4\t4\n"),
        (),
        "{path}: is the output of a counting program for one sample, without a header (N_unmapped in line 1); join the "
        "samples to one table with a header of their names",
    ),
    "header and rows that end with a separator": (
        "m.tsv",
        text("\n".join(f"{line}\t" for line in lines(LOGS))),
        (),
        "{path}: the header (line 1) and the rows end with a separator; take it off the ends of all lines",
    ),
    "rows that end with two separators": (
        "m.csv",
        text("\n".join([lines(LOGS, ",")[0], *(f"{line},," for line in lines(LOGS, ",")[1:])])),
        (),
        "{path}: the rows end with separators (line 2), after which there is nothing; take them off the ends of the "
        "lines",
    ),
    "header that ends with a separator": (
        "m.tsv",
        text("\n".join([f"{lines(LOGS)[0]}\t", *lines(LOGS)[1:]])),
        (),
        "{path}: the header ends with separators (line 1), after which there is nothing; take them off the ends of the "
        "lines",
    ),
    "line break in a name of the header": (
        "m.csv",
        table(LOGS.rename(columns={"S03": "S03\nrep1"}), ","),
        (),
        "{path}: a quote opened in line 1 is not closed in that line; close it or remove it",
    ),
    "separated by bars": (
        "m.txt",
        table(LOGS, "|"),
        (),
        "{path}: columns are separated by | (line 1), which is not read; separate them by tabs, for example with: "
        "tr '|' '\\t' < OLD > NEW",
    ),
    "two tables one after the other": (
        "m.tsv",
        text(LOGS.to_csv(sep="\t") * 2),
        (),
        "{path}: line 32 is the header again: two tables stand one after the other; join them, or give one",
    ),
    "note below the table": (
        "m.tsv",
        text(LOGS.to_csv(sep="\t") + "# made on 2024-01-01\n"),
        (),
        "{path}: line 32 has 1 field ('# made on 2024-01-01'), but line 2 has 41 (separator: tab); every line needs "
        "the "
        "same number",
    ),
    "several blanks": (
        "m.txt",
        text(LOGS.to_csv(sep=" ").replace(" ", "   ")),
        (),
        "{path}: columns are separated by several spaces (line 1); separate them by one tab, for example with: "
        "sed -E 's/ +/\\t/g' OLD > NEW",
    ),
    "two separators": (
        "m.txt",
        text("\n".join([lines(LOGS, ",")[0], *lines(LOGS)[1:]])),
        (),
        "{path}: the header (line 1) is separated by commas and line 2 by tabs; write all lines with one separator",
    ),
    "thousands separated by commas": (
        "m.csv",
        table((COUNTS * 1000).map("{:,}".format), ","),
        (),
        "{path}: "
        + f"{(COUNTS > 0).sum().sum():,} cells are written in another notation, the first is "
        + f"'{COUNTS.iloc[0, 0]:,},000' (gene TP53, sample S01: line 2, column 2); it has two meanings: set "
        + f"prepare.decimal: comma ('{COUNTS.iloc[0, 0]},000' is then {COUNTS.iloc[0, 0]}.000) or "
        + f"prepare.thousands: comma ('{COUNTS.iloc[0, 0]},000' is then {COUNTS.iloc[0, 0]}000)",
    ),
    "long table": (
        "m.tsv",
        table(LOGS.iloc[:9, :9].reset_index().melt("gene", var_name="sample"), index=False),
        (),
        "{path}: is a long table, one value a line (gene, sample, value), not a matrix; make one in Python: "
        "import pandas as pd; pd.read_csv('m.tsv', sep='\\t').pivot(index='gene', columns='sample', values='value')"
        ".to_csv('matrix.tsv', sep='\\t')",
    ),
    # Declared and real size
    "GCT cut short": (
        "m.gct",
        brought.gct("1.2", "500\t40", with_columns(LOGS, Description=GENES)),
        (),
        "{path}: says that it has 500 rows, but has 30: it is cut short; download or write it again",
    ),
    "GCT with columns missing": (
        "m.gct",
        brought.gct("1.2", "30\t60", with_columns(LOGS, Description=GENES)),
        (),
        "{path}: line 2 says 60 columns of values, but the header has 40; download or write the file again",
    ),
    "two GEO series in one file": (
        "m.txt",
        text(
            ("!Series_title\tx\n!series_matrix_table_begin\n" + LOGS.to_csv(sep="\t") + "!series_matrix_table_end\n")
            * 2
        ),
        (),
        "{path}: holds the tables of several series or samples; give each series matrix as a file",
    ),
    "GEO without its end": (
        "m.txt",
        text("!Series_title\tx\n!series_matrix_table_begin\n" + LOGS.to_csv(sep="\t")),
        (),
        "{path}: its table of 30 rows has no end (a line !series_matrix_table_end or !dataset_table_end): the file is "
        "cut short; download it again",
    ),
    # Other files
    "MuData without a modality": (
        "m.h5mu",
        brought.mudata(),
        (),
        "{path}: is an .h5mu file (MuData) without a modality in it; write it again, or give the .h5ad file",
    ),
    "MuData of two modalities": (
        "m.h5mu",
        brought.mudata("atac", "rna"),
        (),
        "{path}: is an .h5mu file (MuData) of the modalities atac, rna; choose one, as by prepare.modality: 'rna'",
    ),
    "raw values only": (
        "m.h5ad",
        brought.raw_only,
        (),
        "{path}: has no X, but raw values: set prepare.use_raw: true",
    ),
    "R object as text": (
        "m.rds",
        text("A\n3\n262657\n197888\n"),
        (),
        "{path}: is an R object; write the matrix from R with write.table(x, file, sep = '\\t', quote = FALSE)",
    ),
    "R object in xz": (
        "m.rds",
        lambda path: path.write_bytes(lzma.compress(b"X\n\0\0\0\3")) and None,
        (),
        "{path}: is an R object; write the matrix from R with write.table(x, file, sep = '\\t', quote = FALSE)",
    ),
    "NumPy array": (
        "m.npy",
        lambda path: np.save(path, LOGS.to_numpy()),
        (),
        "{path}: is a NumPy array, which has no names; write a table in Python: pandas.DataFrame(array, index=genes, "
        "columns=samples).to_csv('matrix.tsv', sep='\\t')",
    ),
    "archive of NumPy arrays": (
        "m.npz",
        lambda path: np.savez(path, LOGS.to_numpy()),
        (),
        "{path}: is an archive of NumPy arrays, which has no names; write a table in Python: pandas.DataFrame(array, "
        "index=genes, columns=samples).to_csv('matrix.tsv', sep='\\t')",
    ),
    "MATLAB": (
        "m.mat",
        text("MATLAB 5.0 MAT-file, Platform: GLNXA64" + "\0" * 90),
        (),
        "{path}: is a MATLAB file; write a table from MATLAB: writetable(T, 'matrix.txt', 'Delimiter', 'tab')",
    ),
    "pickle": (
        "m.pkl",
        lambda path: LOGS.to_pickle(path),
        (),
        "{path}: is a Python pickle, which runs code when it is read; write the frame as text: "
        "frame.to_csv('matrix.tsv', sep='\\t')",
    ),
    "SQLite": (
        "m.db",
        text("SQLite format 3\0" + "\0" * 90),
        (),
        "{path}: is an SQLite database; export the table of values as text",
    ),
    "JSON": (
        "m.json",
        text('[{"gene": "TP53", "S1": 2}]'),
        (),
        "{path}: is JSON text, not a table; write a table with genes in rows and samples in columns",
    ),
    "RTF": ("m.txt", text("{\\rtf1 gene S1}"), (), "{path}: is a document (RTF), not a table; save it as plain text"),
    "UTF-32": ("m.tsv", table_in("utf-32"), (), "{path}: is UTF-32 text; save it as UTF-8"),
    "numbers as text in parquet": (
        "m.parquet",
        lambda path: LOGS.astype(str).reset_index().to_parquet(path),
        (),
        "{path}: 40 columns (S01, S02, S03 and 37 more) hold numbers as text ('"
        + str(LOGS.iloc[0, 0])
        + "'); convert them before writing the file, with frame.astype(float)",
    ),
    "compressed twice": (
        "m.tsv.gz",
        lambda path: path.write_bytes(gzip.compress(gzip.compress(LOGS.to_csv(sep="\t").encode()))) and None,
        (),
        "{path}: is compressed twice; unpack it once (gunzip), and give what comes out",
    ),
    "UTF-16 without a mark": (
        "m.tsv",
        text(LOGS.to_csv(sep="\t"), "utf-16-le"),
        (),
        "{path}: is UTF-16 text without a byte order mark; save it as UTF-8",
    ),
    # Names
    "genes without a name": (
        "m.tsv",
        table(LOGS.rename({"FOS": "---", "SOX2": "---"})),
        (),
        "1 gene name occurs more than once (--- 2 times); set prepare.duplicates: mean, max_variance or make_unique "
        "(--- stands for no name: mean and max_variance drop such genes, none of them is merged)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_brought__refused_in_one_line(tmp_path, run_cli, name):
    file, make, options, message = REFUSED[name]
    make(tmp_path / file)
    status, out, err = run_cli("prepare", "--matrix", tmp_path / file, *options, "-o", tmp_path / "o.h5ad")
    errors = [line for line in err.splitlines() if not line.startswith("WARNING: ")]
    assert errors == ["ERROR: " + spelled(message.replace("{path}", str(tmp_path / file)), "command line")]
    assert (status, out, (tmp_path / "o.h5ad").exists()) == (2, "", False)


def test_brought__empty_rows_of_a_spreadsheet_are_left_out(tmp_path):
    last = LOGS.iloc[:1].rename({"TP53": "X"}).to_csv(header=False)
    (tmp_path / "m.csv").write_text(LOGS.to_csv() + ("," * 40 + "\n") * 2 + last)
    data = read_matrix(tmp_path / "m.csv")
    assert list(data.var_names) == [*GENES, "X"]
    assert (data.X == np.vstack([LOGS, LOGS[:1]]).T).all()


def test_brought__tar_archive(tmp_path, run_cli):
    with tarfile.open(tmp_path / "m.tar", "w") as archive:
        content = LOGS.to_csv(sep="\t").encode()
        member = tarfile.TarInfo("m.tsv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    _, _, err = run_cli("prepare", "--matrix", tmp_path / "m.tar", "-o", tmp_path / "o.h5ad")
    assert err == f"ERROR: {tmp_path / 'm.tar'}: is a tar archive; unpack it (tar xf) and give the matrix inside\n"


SUMMARY = ["__no_feature", "__ambiguous", "__too_low_aQual", "__not_aligned", "__alignment_not_unique"]
DEPTH = (
    "the values are raw counts (whole numbers, up to {most}) of unequal depth: the sums of samples differ "
    "{ratio}-fold, which relates all genes; normalise them with prepare.normalisation: log1p_cp10k "
    "(for bulk samples log1p_cpm)"
)
TPM = (2**LOGS / (2**LOGS).sum() * 1e6).round(2)
LARGE = pd.DataFrame(np.random.default_rng(1).integers(100, 90_000, (30, 40)), index=GENES, columns=SAMPLES)
SENTINEL = LOGS.copy()
SENTINEL.loc["JUN", "S04"] = -999.0
TOTALS = np.quantile(COUNTS.sum(), [0.1, 0.9])
COUNTS_WARNING = DEPTH.format(most=f"{COUNTS.to_numpy().max():,}", ratio=f"{TOTALS[1] / TOTALS[0]:.1f}")
WIDE = pd.DataFrame(np.random.default_rng(2).normal(6, 1.5, (60, 20)), index=[f"g{n}" for n in range(60)])
WIDE = WIDE.set_axis(SAMPLES[:20], axis=1)
MANY = np.arange(1200).reshape(30, 40) % 50 == 0
WARNED: dict[str, tuple[str, brought.Maker, tuple[str, ...], list[str]]] = {
    "HTSeq": (
        "m.tsv",
        table(pd.concat([LOGS, pd.DataFrame(50_000.0, index=SUMMARY, columns=SAMPLES)])),
        (),
        [
            "5 rows are no genes and left out (__no_feature, __ambiguous, __too_low_aQual, __not_aligned, "
            "__alignment_not_unique): reads of no gene, or totals; keep them with prepare.accept: summary_rows"
        ],
    ),
    "a total below the genes": (
        "m.tsv",
        table(pd.concat([LOGS, LOGS.sum().to_frame("Total").T])),
        (),
        [
            "1 row is no gene and left out (Total): reads of no gene, or totals; keep them with prepare.accept: "
            "summary_rows",
        ],
    ),
    "a mean and a standard deviation below the genes": (
        "m.tsv",
        table(pd.concat([LOGS, LOGS.agg(["mean", "std"]).set_axis(["Mean", "SD"])])),
        (),
        [
            "2 rows are no genes and left out (Mean, SD): statistics of the genes, or totals; keep them with "
            "prepare.accept: summary_rows",
        ],
    ),
    "means of groups beside the samples": (
        "m.tsv",
        table(LOGS.assign(Tumour_avg=LOGS.iloc[:, :20].mean(axis=1), Normal_avg=LOGS.iloc[:, 20:].mean(axis=1))),
        (),
        [
            "2 columns may be no samples: Tumour_avg, Normal_avg (a statistic of a group); "
            + aside("2", "Tumour_avg,Normal_avg")
        ],
    ),
    "names like locus tags for samples": (
        "m.tsv",
        table(
            LOGS.T.set_axis([f"LAC_H_{61 * n + 3:05}" for n in range(30)], axis=1).rename(lambda name: f"wt__{name}")
        ),
        (),
        [
            "30 of the 30 sample names are like locus tags (LAC_H_00003, LAC_H_00064, LAC_H_00125 and 27 more), and "
            "the genes are called wt__S01, wt__S02, wt__S03 and 37 more: if these are samples, set "
            "prepare.orientation: samples_by_genes"
        ],
    ),
    "raw counts": ("m.tsv", table(COUNTS), (), [COUNTS_WARNING]),
    "TPM": (
        "m.tsv",
        table(TPM),
        (),
        [
            f"the values are linear ones, such as TPM or intensities (up to {TPM.to_numpy().max():.4g}, half of "
            f"those above 0 below {np.median(TPM.to_numpy()):.3g}): take logarithms with "
            "prepare.normalisation: log1p"
        ],
    ),
    "logarithms beside linear values": (
        "m.tsv",
        table(pd.concat([LOGS.iloc[:, :15], 2 ** LOGS.iloc[:, 15:]], axis=1)),
        (),
        [
            "15 of 40 samples look like logarithms (S01, S02, S03 and 12 more), the others like linear values (S16, "
            "S17, "
            "S18 and 22 more): bring all to one scale before they are compared"
        ],
    ),
    "names that a spreadsheet made": (
        "m.tsv",
        table(LOGS.rename({"SEPTIN1": "1-Sep", "MARCHF1": "44256", "FOS": "2.31E+13"})),
        (),
        [
            "3 of 30 genes have names that a spreadsheet made of another (2.31E+13, 1-Sep, 44256): write the table "
            "again from its source, or mend the names; they are never merged with others"
        ],
    ),
    "the same samples twice": (
        "m.tsv",
        table(pd.concat([LOGS.iloc[:, :20], LOGS.iloc[:, :20].add_suffix(".1")], axis=1)),
        (),
        [
            "20 of 40 samples have the values of another, gene by gene (S01.1 = S01, S02.1 = S02, S03.1 = S03 and 17 "
            "more): copies count as evidence of their own and make p-values too small; keep one of each"
        ],
    ),
    "the same samples in another rounding and scale": (
        "m.tsv",
        table(
            pd.concat(
                [WIDE, (WIDE.iloc[:, :2] * 2).add_suffix(".x2"), WIDE.iloc[:, [2]].round(3).add_suffix(".r")], axis=1
            )
        ),
        (),
        [
            "3 of 23 samples have the values of another but for scale or rounding (S01.x2 = S01, S02.x2 = S02, S03.r "
            "= S03): "
            "copies count as evidence of their own and make p-values too small; keep one of each"
        ],
    ),
    "a sample of zeros": (
        "m.tsv",
        table(LOGS.assign(S07=0.0)),
        (),
        [
            "1 column may be no sample: S07 (the same value for nearly all genes); set it aside with "
            "prepare.annotation_columns: 'S07', or keep it with prepare.accept: no_samples"
        ],
    ),
    "samples of two tables that R joined": (
        "m.tsv",
        table(pd.concat([LOGS.add_suffix(".x"), LOGS.iloc[:, :30].add_suffix(".y") * 1.01 + 0.3], axis=1)),
        (),
        [
            "30 samples are there twice (S01.x and S01.y, S02.x and S02.y, S03.x and S03.y and 27 more), as programs "
            "name columns when they join two tables that both have them: copies count as evidence of their own and "
            "make p-values too small; keep one of each"
        ],
    ),
    "points between thousands": (
        "m.tsv",
        table(LARGE.map(lambda n: f"{n:,}".replace(",", "."))),
        (),
        [
            "whole numbers up to {whole:g} stand beside numbers with three decimals up to {broken:g}: points may "
            "separate thousands (4.500 for 4500): set prepare.thousands: point, or, if they are decimal points, "
            "prepare.decimal: point"
        ],
    ),
    "points between thousands, rounded to hundreds": (
        "m.tsv",
        table(LARGE.map(lambda n: f"{max(n // 100, 1) * 100:,}".replace(",", "."))),
        (),
        [
            "{path}: all numbers with a point have three digits behind it (42.600, 46.100, 67.900 and 1,191 more): "
            "points may separate thousands (4.500 for 4500): set prepare.thousands: point, or, if they are decimal "
            "points, prepare.decimal: point"
        ],
    ),
    "whole numbers beside decimals": (
        "m.tsv",
        table(with_columns(LOGS, extra=range(2, 32))),
        (),
        [
            "1 column may be no sample: extra (whole numbers beside decimals); set it aside with "
            "prepare.annotation_columns: 'extra', or keep it with prepare.accept: no_samples"
        ],
    ),
    "a code for missing values": (
        "m.tsv",
        table(SENTINEL),
        (),
        [
            "1 value is exactly -999 (gene JUN, sample S04), and no other is negative: it looks like a code for a "
            "missing value: read it so with prepare.na_values: '-999'"
        ],
    ),
    "a code for many missing values": (
        "m.tsv",
        table(LOGS.mask(MANY, -9999.0)),
        (),
        [
            f"{MANY.sum()} values, in {MANY.any(axis=1).sum()} of 30 genes, are exactly -9999 (the first: gene TP53, "
            f"sample S01), far off the scale of the others ({np.quantile(LOGS.to_numpy()[~MANY], 0.005):.3g} to "
            f"{np.quantile(LOGS.to_numpy()[~MANY], 0.995):.3g}): it looks like a code for a missing value: read it so "
            "with prepare.na_values: '-9999'"
        ],
    ),
    "-1 for missing values": (
        "m.tsv",
        table(LOGS.abs().mask(MANY, -1.0)),
        (),
        [
            f"{MANY.sum()} values, in {MANY.any(axis=1).sum()} of 30 genes, are exactly -1 (the first: gene TP53, "
            "sample S01), and no other is negative: it looks like a code for a missing value: read it so with "
            "prepare.na_values: '-1'"
        ],
    ),
    "a total named unlike the samples": (
        "m.tsv",
        table(with_columns(LOGS, Score=np.linspace(4.0, 7.9, 30))),
        (),
        [
            "1 column may be no sample: Score (named unlike the others); set it aside with prepare.annotation_columns: "
            "'Score', or keep it with prepare.accept: no_samples"
        ],
    ),
    "dates of other languages": (
        "m.tsv",
        table(LOGS.rename(dict(zip(GENES, ["1-mars", "2-set", "1-wrz", "01.сен", "9月2日", "1/dez"], strict=False)))),
        (),
        [
            "6 of 30 genes have names that a spreadsheet made of another (1-mars, 2-set, 1-wrz, 01.сен, 9月2日 and 1 "
            "more): write the table again from its source, or mend the names; they are never merged with others"
        ],
    ),
    "samples for genes": (
        "m.h5ad",
        lambda path: anndata.AnnData(
            LOGS.to_numpy(), pd.DataFrame(index=[str(n) for n in range(30)]), pd.DataFrame(index=SAMPLES)
        ).write_h5ad(path),
        (),
        [
            "40 of the 40 gene names are words for samples (S01, S02, S03 and 37 more), and the samples are called 0, "
            "1, "
            "2 and 27 more: if these are genes, obs must be samples and var genes: turn it with adata.T"
        ],
    ),
    "probabilities": (
        "m.csv",
        table(pd.DataFrame(np.random.default_rng(0).beta(0.1, 0.3, (30, 40)), index=GENES, columns=SAMPLES), ","),
        (),
        [
            "the values are probabilities or shares (from {low:.2g} to 1, {ends:.0%} of them within 0.02 of 0 or 1): "
            "MI of what a cut-off made; take the measured values (gene effects, not dependency probabilities; "
            "intensities, not detection p-values)"
        ],
    ),
    "a title above the header": (
        "m.csv",
        text("Supplementary Table 3. Expression" + "," * 40 + "\n" + LOGS.to_csv()),
        (),
        [
            "{path}: line 1 ('Supplementary Table 3. Expression') is taken for a title above the table and left out; "
            "the header is line 2"
        ],
    ),
    "a title and empty rows of a spreadsheet above the header": (
        "m.csv",
        text("," * 40 + "\nTable 3. Expression" + ("," * 40 + "\n") * 3 + LOGS.to_csv()),
        (),
        [
            "{path}: line 2 ('Table 3. Expression') is taken for a title above the table and left out; the header is "
            "line 5"
        ],
    ),
    "Perseus": (
        "m.txt",
        text("\n".join([lines(LOGS)[0], "#!{Type}T" + "\tE" * 40, *lines(LOGS)[1:]])),
        (),
        [
            "{path}: line 2 (Type) holds text in all columns of values: taken for attributes of the columns, as those "
            "of --table"
        ],
    ),
    "a second header": (
        "m.tsv",
        text("\n".join([lines(LOGS)[0], "condition" + "\tctrl\ttreated" * 20, *lines(LOGS)[1:]])),
        (),
        [
            "{path}: line 2 (condition) holds text in all columns of values: taken for attributes of the columns, as "
            "those of --table"
        ],
    ),
}


def _filled(message: str, path: Path) -> str:
    """Fill in numbers that follow from the data of the case."""
    shares = np.random.default_rng(0).beta(0.1, 0.3, (30, 40))
    low, ends = shares.min(), np.mean((shares < 0.02) | (shares > 0.98))
    numbers = np.array([[float(f"{n:,}".replace(",", ".")) for n in row] for row in LARGE.to_numpy()])
    is_whole = numbers == np.floor(numbers)
    whole, broken = numbers[is_whole].max(), numbers[~is_whole].max()
    message = (
        message.replace("{path}", str(path)).replace("{low:.2g}", f"{low:.2g}").replace("{ends:.0%}", f"{ends:.0%}")
    )
    return message.replace("{whole:g}", f"{whole:g}").replace("{broken:g}", f"{broken:g}")


@pytest.mark.parametrize("name", WARNED)
def test_brought__warned_on_stderr_and_in_the_notes(tmp_path, run_cli, name):
    file, make, options, messages = WARNED[name]
    path = tmp_path / file
    make(path)
    expected = [_filled(message, path) for message in messages]
    status, _, err = run_cli("prepare", "--matrix", path, *options, "-o", tmp_path / "o.h5ad")
    shown = [spelled(message, "command line") for message in expected]
    assert (status, err.splitlines()) == (0, [f"WARNING: {message}" for message in shown])
    found = anndata.read_h5ad(tmp_path / "o.h5ad").uns["genenet"]["findings"]
    assert list(found["message"][found["weight"] == "warned"]) == expected
    status, out, err = run_cli("check", path, *options, "--strict")
    assert (status, err) == (2, "")
    assert [line[17:].rsplit(" (", 1)[0] for line in out.splitlines() if line.startswith("refused")] == shown


FORMS = {
    "9.1%": "write numbers without a percent sign: 9.1",
    "9\u00b71": "the decimal sign is a middle dot, write 9.1",
    "9.1 \u00b1 0.2": "a value and its error stand in one cell, write the value alone: 9.1",
    "9.1 (0.2)": "a value and its error stand in one cell, write the value alone: 9.1",
    "9.1;9.3": "several numbers stand in one cell; write one, for example 9.1",
    "9.1-9.3": "several numbers stand in one cell; write one, for example 9.1",
    "9.1*": "numbers have marks behind them, write 9.1",
    "$9.1": "numbers have a sign before them, write 9.1",
    "9.1x10^-3": "powers of ten are written out, write 9.1e-3",
    "\uff19.\uff11": "the digits are not those of ASCII; write numbers with 0 to 9",
    "TRUE": "the cells hold truth values, write 1 and 0, or give measured values",
    "'9.1'": "numbers stand in quotes that are no double quotes, write 9.1",
    "\u20139.1": "minus signs are typographic ones (U+2013), write -9.1",
    "(9.1)": "brackets seem to stand for a minus sign, write -9.1",
    "9.1 nM": "write numbers without units",
    "=A1+B1": "the cells hold formulas, write their values",
    "9.1-": "minus signs stand behind the numbers, write -9.1",
    "2-Mar": "a spreadsheet seems to have made dates of numbers; export the values again, with columns as text",
    "9.1D+02": "powers of ten are written with D, write 9.1e+02",
    "high": "write a number, or NA where a value is missing",
}


@pytest.mark.parametrize("cell", FORMS)
@pytest.mark.parametrize("everywhere", [False, True])
def test_brought__numbers_that_only_people_read(tmp_path, run_cli, cell, everywhere):
    frame = LOGS.astype(object)
    if everywhere and cell != "high":
        frame[:] = cell
    else:
        frame.iloc[0, 0] = cell
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    status, _, err = run_cli("prepare", "--matrix", tmp_path / "m.tsv", "-o", tmp_path / "o.h5ad")
    assert (status, err.endswith(f"(gene TP53, sample S01: line 2, column 2); {FORMS[cell]}\n")) == (2, True)


def test_brought__typographic_minus_signs_are_read(tmp_path, run_cli):
    values = (LOGS - 6).round(2)
    cells = values.map(lambda number: f"{number:g}".replace("-", "\N{MINUS SIGN}"))
    cells.iloc[0, 0], values.iloc[0, 0] = "1.5e\N{MINUS SIGN}3", 0.0015
    n = int(cells.map(lambda cell: "\N{MINUS SIGN}" in cell).to_numpy().sum())
    cells.to_csv(tmp_path / "m.tsv", sep="\t")
    assert run_cli("check", tmp_path / "m.tsv")[1].splitlines()[1] == (
        f"noted            {tmp_path / 'm.tsv'}: {n} cells have minus signs of typography (U+2212), read as - "
        "(minus_signs)"
    )
    np.testing.assert_array_equal(read_matrix(tmp_path / "m.tsv").X, values.T.to_numpy())
    cells.replace(r"\.", ",", regex=True).to_csv(tmp_path / "m.csv", sep=";")
    np.testing.assert_array_equal(read_matrix(tmp_path / "m.csv").X, values.T.to_numpy())


NOTATIONS = {
    "2.458.905,12": ("set --decimal comma and --thousands point ('2.458.905,12' is then 2458905.12)", 2458905.12),
    "1,234.5": ("set --thousands comma ('1,234.5' is then 1234.5)", 1234.5),
    "1'234.5": ('set --thousands apostrophe ("1\'234.5" is then 1234.5)', 1234.5),
    "1\u2019234": ("set --thousands apostrophe ('1\u2019234' is then 1234)", 1234.0),
    "1 234,5": ("set --decimal comma and --thousands space ('1 234,5' is then 1234.5)", 1234.5),
    "1\u202f234": ("set --thousands space ('1\\u202f234' is then 1234)", 1234.0),
    "12,34,567": ("set --thousands comma ('12,34,567' is then 1234567)", 1234567.0),
    "1,234": (
        "it has two meanings: set --decimal comma ('1,234' is then 1.234) or --thousands comma ('1,234' is then 1234)",
        1.234,
    ),
}


@pytest.mark.parametrize("cell", NOTATIONS)
def test_brought__notation_of_numbers(tmp_path, run_cli, cell):
    message, value = NOTATIONS[cell]
    frame = LOGS.map(lambda number: str(int(number))).astype(object)
    frame.iloc[0, 0] = cell
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    given = ("prepare", "--matrix", tmp_path / "m.tsv", "-o", tmp_path / "o.h5ad")
    status, _, err = run_cli(*given)
    where = "(gene TP53, sample S01: line 2, column 2)"
    error = f"ERROR: {tmp_path / 'm.tsv'}: {cell!r} is written in another notation {where}; {message}\n"
    assert (status, err) == (2, error)
    options = message.split("set ", 1)[1].split(" (")[0].split()
    status, _, _ = run_cli(*(word for word in (*given, *options) if word != "and"))
    found = anndata.read_h5ad(tmp_path / "o.h5ad").X
    assert (status, found[0, 0]) == (0, value)
    np.testing.assert_array_equal(found[1:], LOGS.T.to_numpy()[1:].astype(int))


@pytest.mark.parametrize("cell", ["1,23", "1,2345", "0,123", "1.234,5", "12,3,456"])
def test_brought__separators_of_thousands_in_the_wrong_places(tmp_path, run_cli, cell):
    frame = LOGS.astype(object)
    frame.iloc[0, 0] = cell
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    given = ("--matrix", tmp_path / "m.tsv", "-o", tmp_path / "o.h5ad", "--thousands", "comma")
    status, _, err = run_cli("prepare", *given)
    assert (status, "(gene TP53, sample S01: line 2, column 2)" in err) == (2, True)


CODED = {"Filtered": 3, "<LOD": 2, "< LOD": 1, "--": 1, ".": 1, "ND": 1}


def coded(*, text: bool = False) -> pd.DataFrame:
    """The table with codes for missing values, by text also a column of annotation."""
    frame = LOGS.astype(object)
    codes = [code for code, times in CODED.items() for _ in range(times)]
    for place, code in enumerate(codes):
        frame.iloc[place, place + 1] = code
    return with_columns(frame, Chr="chr1") if text else frame


def test_brought__codes_of_missing_values_are_named_at_once(tmp_path, run_cli):
    coded(text=True).to_csv(tmp_path / "m.tsv", sep="\t")
    given = ("--matrix", tmp_path / "m.tsv", "-o", tmp_path / "o.h5ad")
    status, _, err = run_cli("prepare", *given)
    listed = "Filtered,<LOD,< LOD,--,.,ND"
    assert (status, err) == (
        2,
        f"ERROR: {tmp_path / 'm.tsv'}: 1 column is no sample: Chr (text); set it aside with --annotation-columns Chr | "
        "9 cells hold a text for a missing value: 'Filtered' (3), '<LOD' (2), '< LOD' (1), '--' (1), '.' (1), 'ND' (1);"
        f" the first is gene TP53, sample S02: line 2, column 4; read them as missing with --na-values '{listed}' and, "
        "for example, --missing pairwise; values below a limit of detection ('<LOD') are not missing at random\n",
    )
    options = ("--annotation-columns", "Chr", "--na-values", listed, "--missing", "pairwise")
    status, _, err = run_cli("prepare", *given, *options)
    found = anndata.read_h5ad(tmp_path / "o.h5ad")
    assert (status, err) == (0, "")
    expected = coded().map(lambda cell: cell if isinstance(cell, float) else np.nan).T.to_numpy(np.float64)
    np.testing.assert_array_equal(found.X, expected)
    notes = found.uns["genenet"]["findings"]
    assert notes["message"].iloc[0] == (
        f"{tmp_path / 'm.tsv'}: 9 cells read as missing by prepare.na_values: 'Filtered' (3), '<LOD' (2), '< LOD' (1), "
        "'--' (1), '.' (1), 'ND' (1); values below a limit of detection ('<LOD') are not missing at random: what is "
        "computed without them is of the samples with more of a gene"
    )


def test_brought__a_column_of_codes_is_no_annotation(tmp_path, run_cli):
    LOGS.assign(S05="Undetermined").to_csv(tmp_path / "m.tsv", sep="\t")
    status, _, err = run_cli(
        "prepare", "--matrix", tmp_path / "m.tsv", "-o", tmp_path / "o.h5ad", "--missing", "pairwise"
    )
    assert (status, err) == (
        2,
        f"ERROR: {tmp_path / 'm.tsv'}: 30 cells hold a text for a missing value: 'Undetermined' (30); the first is "
        "gene TP53, sample S05: line 2, column 6; read them as missing with --na-values Undetermined; values below a "
        "limit of detection ('Undetermined') are not missing at random\n",
    )


@pytest.mark.parametrize("file", ["m.tsv", "m.csv", "m.parquet", "frame"])
def test_brought__numbers_as_codes_of_missing_values(tmp_path, file):
    frame = LOGS.copy()
    frame.iloc[0, 0], frame.iloc[3, 4] = -999, -999
    if file.endswith("parquet"):
        frame.to_parquet(tmp_path / file)
    elif file != "frame":
        frame.to_csv(tmp_path / file, sep="\t", float_format="%.3f")
    given = frame if file == "frame" else tmp_path / file
    data = load(given, Prepare(na_values=("-999", "ND"), missing="pairwise"))
    np.testing.assert_array_equal(data.X, LOGS.mask(frame == -999).T)
    where = "the frame" if file == "frame" else given
    notes = data.uns["genenet"]["findings"]
    assert list(notes["message"]) == [f"{where}: 2 cells read as missing by prepare.na_values: '-999' (2), 'ND' (0)"]


@pytest.mark.parametrize("kind", ["dense", "sparse", "file"])
def test_brought__numbers_as_codes_in_anndata(tmp_path, kind):
    values = LOGS.T.to_numpy().copy()
    values[0, 0], values[4, 3] = -999, 0
    data = anndata.AnnData(scipy.sparse.csr_matrix(values) if kind == "sparse" else values)
    data.obs_names, data.var_names = SAMPLES, GENES
    if kind == "file":
        data.write_h5ad(tmp_path / "m.h5ad")
    settings = Prepare(na_values=("-999", "0"), missing="pairwise")
    found = load(tmp_path / "m.h5ad" if kind == "file" else data, settings)
    expected = LOGS.T.to_numpy().copy()
    expected[0, 0] = expected[4, 3] = np.nan
    np.testing.assert_array_equal(found.X, expected)
    assert np.asarray(data[0].X.todense() if kind == "sparse" else data[0].X)[0, 0] == -999  # the input is not changed
    again = load(found, settings)
    where = "m.h5ad" if kind == "file" else "the matrix"
    assert list(again.uns["genenet"]["findings"]["message"]) == [
        f"{where}: 2 cells read as missing by prepare.na_values: '-999' (1), '0' (1)"
    ]


def test_brought__codes_in_a_table_of_samples(tmp_path):
    (tmp_path / "s.tsv").write_text("sample\tage\nS01\t31\nS02\tunk\n")
    assert read_attributes(tmp_path / "s.tsv", ["unk"])["age"].isna().tolist() == [False, True]


def test_brought__columns_of_values_are_chosen_and_genes_by_a_condition(tmp_path, run_cli):
    brought.protein_groups(tmp_path / "proteinGroups.txt")
    query = 'Reverse != "+" and `Potential contaminant` != "+"'
    options = ("--value-columns", "LFQ intensity *", "--var-query", query, "-o", tmp_path / "o.h5ad")
    status, _, _ = run_cli("prepare", "--matrix", tmp_path / "proteinGroups.txt", *options)
    found = anndata.read_h5ad(tmp_path / "o.h5ad")
    assert (status, list(found.obs_names)) == (0, SAMPLES)
    assert list(found.var_names) == [f"P{number}" for number in range(10000, 10030) if number not in (10002, 10005)]
    kept = [place for place in range(30) if place not in (2, 5)]
    np.testing.assert_array_equal(found.X, (LOGS.iloc[kept] * 100).round(0).T.to_numpy())
    assert list(found.var["Gene names"]) == [GENES[place] for place in kept]
    assert found.uns["genenet"]["var_query"] == query


def test_brought__condition_on_genes_that_none_fulfils(tmp_path, run_cli):
    brought.protein_groups(tmp_path / "m.txt")
    options = ("--value-columns", "LFQ intensity *", "--var-query", "Reverse == '-'", "-o", tmp_path / "o.h5ad")
    status, _, err = run_cli("prepare", "--matrix", tmp_path / "m.txt", *options)
    assert (status, err) == (
        2,
        f"ERROR: {tmp_path / 'm.txt'}: --var-query: none of the 30 genes fulfils Reverse == '-'; Reverse is , +\n",
    )


@pytest.mark.parametrize("file", ["m.parquet", "frame"])
def test_brought__columns_of_values_of_other_tables(tmp_path, file):
    frame = with_columns(LOGS.add_prefix("TPM_"), Length=900)
    if file == "m.parquet":
        frame.to_parquet(tmp_path / file)
    data = load(frame if file == "frame" else tmp_path / file, Prepare(value_columns=("TPM_*",)))
    assert (list(data.obs_names), list(data.var)) == (SAMPLES, ["Length"])
    np.testing.assert_array_equal(data.X, LOGS.T)
    with pytest.raises(InputError, match=r"value_columns: no column FPKM_\*; the header begins with"):
        load(frame if file == "frame" else tmp_path / file, Prepare(value_columns=("FPKM_*",)))


GROUPS = ["control"] * 20 + ["treated"] * 20
HEADERS = {
    "groups above the names": ([["group", *GROUPS], ["gene", *SAMPLES]], "repeats names", "group", ""),
    "batches and groups above the names": (
        [["group", *GROUPS], ["batch", *["1", "2"] * 20], ["gene", *SAMPLES]],
        "repeats names and line 2 (batch: 1, 2) repeats names: those are taken for attributes of the columns, as those "
        "of --table",
        "group",
        None,
    ),
    "merged groups": (
        [["", "control", *[""] * 19, "treated", *[""] * 19], ["gene", *SAMPLES]],
        "repeats names",
        "group",
        " (empty cells are taken for merged ones, of the group before)",
    ),
    "columns of two levels, by pandas": (
        [["group", *GROUPS], ["sample", *SAMPLES], ["gene", *[""] * 40]],
        "repeats names",
        "group",
        "; line 3 (gene) has no values: taken for the name of the first column",
    ),
    "numbers above the names": ([["age", *map(str, range(20, 60))], ["gene", *SAMPLES]], "holds numbers", "age", ""),
}


@pytest.mark.parametrize("name", HEADERS)
def test_brought__two_header_rows(tmp_path, run_cli, name):
    rows, why, label, more = HEADERS[name]
    text("\n".join(["\t".join(row) for row in rows] + lines(LOGS)[1:]) + "\n")(tmp_path / "m.tsv")
    status, _, err = run_cli("prepare", "--matrix", tmp_path / "m.tsv", "-o", tmp_path / "o.h5ad")
    shown = "20, 21, 22 and 37 more" if label == "age" else "control, treated"
    assert (status, err) == (
        0,
        f"WARNING: {tmp_path / 'm.tsv'}: line {2 if more is not None else 3} (S01, S02, S03 and 37 more) is taken for "
        f"the header, since line 1 ({label}: {shown}) {why}"
        + ("\n" if more is None else f": that is taken for an attribute of the columns, as those of --table{more}\n"),
    )
    found = anndata.read_h5ad(tmp_path / "o.h5ad")
    np.testing.assert_array_equal(found.X, LOGS.T.to_numpy())
    assert (list(found.obs_names), list(found.var_names)) == (SAMPLES, GENES)
    assert list(found.obs[label].astype(str)) == (rows[0][1:] if label == "age" else GROUPS)


def test_brought__points_between_thousands_beside_semicolons(tmp_path, run_cli):
    frame = (LOGS * 1000).round(0).astype(int).map(lambda value: f"{value:,}".replace(",", "."))
    frame.to_csv(tmp_path / "m.csv", sep=";")
    options = ("--matrix", tmp_path / "m.csv", "-o", tmp_path / "o.h5ad")
    _, _, err = run_cli("prepare", *options)
    assert err.splitlines()[0] == (
        f"WARNING: {tmp_path / 'm.csv'}: all numbers with a point have three digits behind it (4.797, 4.013, 5.627 and "
        "1,197 more): points may separate thousands (4.500 for 4500): set --thousands point, or, if they are decimal "
        "points, --decimal point"
    )
    _, _, err = run_cli("prepare", *options, "--thousands", "point")
    assert err == ""
    np.testing.assert_array_equal(anndata.read_h5ad(tmp_path / "o.h5ad").X, (LOGS * 1000).round(0).T)


@pytest.mark.parametrize("options", [(), ("--normalisation", "log1p_cpm")])
def test_brought__of_points_between_thousands_nothing_else_is_told(tmp_path, run_cli, options):
    """Three samples of smaller counts would be called logarithms beside linear values."""
    counts = np.random.default_rng(3).gamma(0.8, 9_000, (30, 40)).astype(int) + 10
    counts[:, :3] = counts[:, :3] // 60 + 1_000
    frame = pd.DataFrame(counts, GENES, SAMPLES).map(lambda n: f"{n:,}".replace(",", "."))
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    _, out, _ = run_cli("check", tmp_path / "m.tsv", *options)
    [told] = [line for line in out.splitlines() if line.startswith("warned")]
    assert "whole numbers up to" in told
    assert told.endswith("--thousands point, or, if they are decimal points, --decimal point (thousands)")
    _, out, _ = run_cli("check", tmp_path / "m.tsv", "--decimal", "point")
    assert " samples look like logarithms (S01, S02, S03), the others like linear values " in out


def test_brought__numbers_of_samples_stay_names(tmp_path):
    rows = [["gene", *map(str, range(20, 60))], ["patient", *SAMPLES]]
    text("\n".join(["\t".join(row) for row in rows] + lines(LOGS)[1:]) + "\n")(tmp_path / "m.tsv")
    assert list(read_matrix(tmp_path / "m.tsv").obs_names) == rows[0][1:]


def test_mangled__names_of_worm_genes_are_no_dates():
    assert mangled_names.mangled(["jun-1", "sep-1", "set-17", "mag-1", "Mar-1", "mars-01"]) == ["Mar-1", "mars-01"]


def test_brought__features_that_are_no_genes(tmp_path, run_cli, caplog):
    var = pd.DataFrame({"feature_types": "Peaks"}, index=GENES)
    anndata.AnnData(LOGS.T.to_numpy(), pd.DataFrame(index=SAMPLES), var).write_h5ad(tmp_path / "m.h5ad")
    assert run_cli("check", tmp_path / "m.h5ad")[1].splitlines()[1] == (
        "warned           no feature is of the type Gene Expression (Peaks): 30 features are taken for genes (no_genes)"
    )


DOSES = pd.DataFrame([["na", *map(str, range(40))]], index=["dose"], columns=["sym", *SAMPLES])
MIXED = [str(number * 37 % 1009 + 900) for number in range(40)]
POINTS = [f"{number}.1" for number in range(1, 41)]
TEXT = LOGS.to_csv(sep="\t")
READ: dict[str, tuple[str, brought.Maker, tuple[str, ...]]] = {
    "plain": ("m.tsv", table(LOGS), ()),
    "comments of as many words as each other": ("m.tsv", text(f"# made by x\n# version is 2\n{TEXT}"), ()),
    "comments above a header with #": ("m.tsv", text(f"# made by x\n# version is 2\n#{TEXT}"), ()),
    "columns set aside": (
        "m.txt",
        table(with_columns(LOGS, Chr="1", Length=range(30))),
        ("--annotation-columns", "Chr,Length"),
    ),
    "by pattern": (
        "m.txt",
        table(pd.concat([LOGS, LOGS.add_suffix(".Detection Pval")], axis=1)),
        ("--annotation-columns", "*Detection Pval*"),
    ),
    "quoted names": (
        "m.txt",
        table(with_columns(LOGS, **{"Gene, symbol": GENES})),
        ("--annotation-columns", '"Gene, symbol"'),
    ),
    "rows set aside": (
        "m.tsv",
        table(pd.concat([LOGS, pd.DataFrame([range(30, 70)], index=["age"], columns=SAMPLES)])),
        ("--annotation-rows", "age"),
    ),
    "gene effects": (
        "m.csv",
        table(LOGS.T.set_axis(JOINED, axis=1), ","),
        (*BY_SAMPLE, "--name-separator", " (", "--name-part", "1"),
    ),
    "ids and symbols": (
        "m.tsv",
        table(LOGS.set_axis([f"ENSG{n:011d}|{gene}" for n, gene in enumerate(GENES)])),
        ("--name-separator", "|", "--name-part", "2"),
    ),
    "samples named by a column": (
        "m.csv",
        table(with_columns(LOGS.T, Run=LINES, ModelID=SAMPLES).reset_index(drop=True), ","),
        (*BY_SAMPLE, "--annotation-columns", "Run", "--sample-column", "ModelID"),
    ),
    "R's header, whose first name is that of a column of text": (
        "m.tsv",
        text("\n".join(["\t".join(["symbol", *SAMPLES]), *(f"{n}\t{line}" for n, line in enumerate(lines(LOGS)[1:]))])),
        ("--name-column", "symbol"),
    ),
    "genes named by a column": (
        "m.csv",
        table(with_columns(LOGS, symbol=GENES).reset_index(drop=True), ","),
        ("--name-column", "symbol"),
    ),
    "ARACNe-AP": ("m.exp", table(LOGS), ()),
    "geWorkbench": ("m.exp", table(with_columns(LOGS, Annotation=GENES).rename_axis("AffyID")), ()),
    "GCT 1.3": (
        "m.gct",
        brought.gct(
            "1.3",
            "30\t40\t1\t1",
            pd.concat([DOSES, with_columns(LOGS, sym=GENES).astype(object)]),
        ),
        (),
    ),
    "names that are numbers with a point": ("m.tsv", table(LOGS.set_axis(POINTS, axis=1)), ()),
    "numbers in any order for names": ("m.tsv", table(LOGS.set_axis(MIXED, axis=1)), ()),
    "decimal commas": ("m.csv", table(LOGS, ";", decimal=","), ()),
    "loom of pySCENIC": ("m.loom", brought.loom, ()),
    "loom of other names": ("m.loom", brought.loom_of_other_names, ()),
    "anndata 0.6": ("m.h5ad", brought.old_anndata, ()),
    "raw values": ("m.h5ad", brought.raw_only, ("--use-raw",)),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_brought__read_as_it_is_meant(tmp_path, run_cli, name):
    file, make, options = READ[name]
    make(tmp_path / file)
    status, _, err = run_cli("prepare", "--matrix", tmp_path / file, *options, "-o", tmp_path / "o.h5ad")
    assert (status, err) == (0, "")
    found = anndata.read_h5ad(tmp_path / "o.h5ad")
    np.testing.assert_array_equal(found.X, LOGS.T.to_numpy())
    assert list(found.var_names) == GENES
    if "numbers" not in name:
        assert list(found.obs_names) == SAMPLES


def test_brought__what_stands_beside_the_values_is_kept(tmp_path, run_cli):
    make = READ["GCT 1.3"][1]
    make(tmp_path / "m.gct")
    run_cli("prepare", "--matrix", tmp_path / "m.gct", "-o", tmp_path / "o.h5ad")
    found = anndata.read_h5ad(tmp_path / "o.h5ad")
    assert list(found.obs["dose"].astype(str)) == [str(n) for n in range(40)]
    assert list(found.var["sym"]) == GENES
    brought.old_anndata(tmp_path / "m.h5ad")
    run_cli("prepare", "--matrix", tmp_path / "m.h5ad", "-o", tmp_path / "o.h5ad")
    obs = anndata.read_h5ad(tmp_path / "o.h5ad").obs
    assert (obs["single"].astype(str) == "3.0").all()
    assert list(obs["kind"].astype(str)) == ["a", "b"] * 20


@pytest.mark.parametrize("names", [("rna",), ("atac", "rna")])
def test_brought__modality(tmp_path, run_cli, names):
    brought.mudata(*names)(tmp_path / "m.h5mu")
    options = ("--modality", "rna") if len(names) > 1 else ()
    status, _, err = run_cli("prepare", "--matrix", tmp_path / "m.h5mu", *options, "-o", tmp_path / "o.h5ad")
    assert (status, err) == (0, "")
    np.testing.assert_array_equal(anndata.read_h5ad(tmp_path / "o.h5ad").X, LOGS.T.to_numpy() + 3)


def _market(folder: Path, rows: int, columns: int) -> np.ndarray:
    values = np.arange(1, rows * columns + 1).reshape(rows, columns)
    cells = "\n".join(f"{r + 1} {c + 1} {values[r, c]}" for r in range(rows) for c in range(columns))
    (folder / "m.mtx").write_text(
        f"%%MatrixMarket matrix coordinate integer general\n{rows} {columns} {values.size}\n{cells}\n"
    )
    return values


def test_brought__square_matrix_market_goes_by_its_name(tmp_path, run_cli):
    values = _market(tmp_path, 30, 30)
    (tmp_path / "m.mtx").rename(tmp_path / "cells_x_genes.mtx")
    (tmp_path / "cells_x_genes.genes.txt").write_text("\n".join(GENES))
    (tmp_path / "cells_x_genes.barcodes.txt").write_text("\n".join(SAMPLES[:30]))
    status, _, err = run_cli("prepare", "--matrix", tmp_path, "-o", tmp_path / "o.h5ad")
    assert (status, err.splitlines()[0]) == (0, "cells_x_genes.mtx: rows are cells, as its name tells")
    np.testing.assert_array_equal(anndata.read_h5ad(tmp_path / "o.h5ad").X, values)


def test_brought__folder_of_parse_biosciences(tmp_path, run_cli):
    values = _market(tmp_path, 40, 30)
    (tmp_path / "m.mtx").rename(tmp_path / "DGE.mtx")
    genes = pd.DataFrame({"gene_id": [f"ENSG{n:011d}" for n in range(30)], "gene_name": GENES, "genome": "hg38"})
    genes.to_csv(tmp_path / "all_genes.csv", index=False)
    pd.DataFrame({"bc_wells": SAMPLES, "sample": "a"}).to_csv(tmp_path / "cell_metadata.csv", index=False)
    status, _, _ = run_cli("prepare", "--matrix", tmp_path, "-o", tmp_path / "o.h5ad")
    found = anndata.read_h5ad(tmp_path / "o.h5ad")
    assert status == 0
    np.testing.assert_array_equal(found.X, values)
    assert (list(found.var_names), list(found.obs_names)) == (GENES, SAMPLES)
    assert found.var["gene_ids"].iloc[1] == "ENSG00000000001"


BARRED = [f"{number}|{gene}" for number, gene in enumerate(GENES)]
SCORED = [f"ENSG{number:011d}_{gene}" for number, gene in enumerate(GENES)]
LISTS = {
    "R's write.table": '"x"\n"1" "TP53"\n"2" "MYC"\n"3" "JUN"\n',
    "R's write.table without quotes": "x\n1 TP53\n2 MYC\n3 JUN\n",
    "numbered names": "1\tTP53\n2\tMYC\n3\tJUN\n",
    "comma": "TP53,MYC,JUN\n",
    "one a line": "TP53\nMYC\nJUN\n",
    "with a header": "gene\nTP53\nMYC\nJUN\n",
    "R's write.csv": '"","x"\n"1","TP53"\n"2","MYC"\n"3","JUN"\n',
    "a column called symbol": "Symbol\tFamily\nTP53\tp53\nMYC\tbHLH\nJUN\tbZIP\n",
    "quoted": '"TP53"\n"MYC"\n"JUN"\n',
}


@pytest.mark.parametrize("name", LISTS)
def test_brought__lists(tmp_path, name):
    from genenet.readers import read_names

    (tmp_path / "tfs.csv").write_text(LISTS[name])
    assert read_names(tmp_path / "tfs.csv") == ["TP53", "MYC", "JUN"]


def test_brought__list_with_answers(tmp_path, caplog, run_cli):
    from genenet.readers import read_names

    path = tmp_path / "tfs.csv"
    path.write_text(",Ensembl ID,HGNC symbol,DBD,Is TF?\n0,E0,TP53,p53,Yes\n1,E1,BRCA1,x,No\n2,E2,MYC,bHLH,Yes\n")
    assert read_names(path) == ["TP53", "MYC"]
    message = f"{path}: 1 of the 3 names left out: the column Is TF? says no"
    assert caplog.messages == [message]
    table(LOGS)(tmp_path / "m.tsv")
    given = ("--matrix", tmp_path / "m.tsv", "--regulators", path, "-o", tmp_path / "o.h5ad")
    assert run_cli("prepare", *given) == (0, "", f"WARNING: {message}\n")
    found = anndata.read_h5ad(tmp_path / "o.h5ad").uns["genenet"]["findings"]
    assert found.to_numpy().tolist() == [["warned", "lists", message]]
    checked = run_cli("check", tmp_path / "m.tsv", "--regulators", path)[1]
    assert f"warned           {message} (lists)" in checked.splitlines()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (JOINED, "part 1 of the genes' names: set --name-separator ' (' and --name-part 1"),
        (BARRED, "part 2 of the genes' names: set --name-separator '|' and --name-part 2"),
        (SCORED, "part 2 of the genes' names: set --name-separator _ and --name-part 2"),
    ],
)  # fmt: skip
def test_brought__regulators_of_joined_names(tmp_path, run_cli, names, message):
    table(LOGS.set_axis(names))(tmp_path / "m.tsv")
    (tmp_path / "tfs.txt").write_text("TP53\nMYC\nJUN\n")
    options = ("--regulators", tmp_path / "tfs.txt", "-o", tmp_path / "o.h5ad")
    _, _, err = run_cli("prepare", "--matrix", tmp_path / "m.tsv", *options)
    shown = ", ".join(names[:3])
    assert err == (
        f"ERROR: none of the 3 regulators is among the 30 genes (TP53, MYC, JUN; 3 would match {message}); "
        f"the genes are named like {shown}: use the same kind of names\n"
    )


def test_brought__names_of_a_table_are_stripped(tmp_path, run_cli):
    table(LOGS)(tmp_path / "m.tsv")
    (tmp_path / "samples.tsv").write_text("sample\ttissue\n" + "".join(f"{name} \ta\n" for name in SAMPLES))
    options = ("--table", tmp_path / "samples.tsv", "-o", tmp_path / "o.h5ad")
    status, _, err = run_cli("prepare", "--matrix", tmp_path / "m.tsv", *options)
    assert (status, err) == (0, "")
    assert (anndata.read_h5ad(tmp_path / "o.h5ad").obs["tissue"] == "a").all()


def test_brought__genes_without_a_name_are_never_merged(tmp_path, run_cli):
    table(LOGS.rename({"FOS": "---", "SOX2": "---", "IL6": "1-Mar", "TNF": "1-Mar"}))(tmp_path / "m.tsv")
    options = ("--duplicates", "mean", "-o", tmp_path / "o.h5ad")
    status, _, _ = run_cli("prepare", "--matrix", tmp_path / "m.tsv", *options)
    found = anndata.read_h5ad(tmp_path / "o.h5ad")
    assert (status, found.n_vars) == (0, 28)
    np.testing.assert_array_equal(found[:, ["1-Mar", "1-Mar-1"]].X, LOGS.loc[["IL6", "TNF"]].T)


def test_check__says_that_nothing_is_odd(tmp_path, run_cli):
    table(LOGS)(tmp_path / "m.tsv")
    status, out, err = run_cli("check", tmp_path / "m.tsv")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "matrix           30 genes x 40 samples",
        "to be used       30 genes x 40 samples; nothing odd was found",
    ]


def test_check__names_all_and_ends_with_2(tmp_path, run_cli):
    table(with_columns(COUNTS, Length=range(900, 930)))(tmp_path / "m.tsv")
    status, out, _ = run_cli("check", tmp_path / "m.tsv", "--min-samples", "99")
    assert status == 2
    assert [line.split(maxsplit=1)[0] for line in out.splitlines()] == ["matrix", "refused", "warned"]
    status, out, _ = run_cli("check", tmp_path / "m.tsv", "--accept", "no_samples")
    assert status == 0
    assert [line.split(maxsplit=1)[0] for line in out.splitlines()] == ["matrix", "warned", "warned", "to"]
