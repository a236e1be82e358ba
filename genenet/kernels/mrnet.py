"""MRNET and MRNETB: neighbours of each target with high MI to it (relevance) and low MI to each other (redundancy)."""

import numpy as np

from genenet.kernels.jit import inner
from genenet.kernels.threads import parallel


@parallel(lambda mi: len(mi))
def mrnet(begin, stop, mi, candidates, weights):
    """Forward selection (see `genenet.scores.mrnet`). mi, weights: float64 (n_genes, n_genes); weights start as 0.

    candidates: bool (n_genes,), genes that may be selected. Row t of weights gets the scores that the neighbours of
    target t had when they were selected.
    """
    n_genes = mi.shape[0]
    for target in range(begin, stop):
        free = candidates.copy()
        free[target] = False
        redundancy = np.zeros(n_genes)
        for n_selected in range(n_genes - 1):
            best, highest = -1, 0.0
            for gene in range(n_genes):
                if free[gene]:
                    score = mi[target, gene]
                    if n_selected > 0:
                        score -= redundancy[gene] / n_selected
                    if score > highest:
                        best, highest = gene, score
            if best < 0:
                break
            weights[target, best] = highest
            free[best] = False
            for gene in range(n_genes):
                redundancy[gene] += mi[best, gene]


@inner()
def _score(relevance, redundancy, n_others):
    return relevance - redundancy / n_others if n_others > 0 else relevance


@inner()
def _worst(relevance, redundancy, selected, n_others):
    """Selected gene with the lowest score, the first among equals."""
    worst, lowest = -1, np.inf
    for gene in range(relevance.shape[0]):
        if selected[gene]:
            score = _score(relevance[gene], redundancy[gene], n_others)
            if score < lowest:
                worst, lowest = gene, score
    return worst, lowest


@inner()
def _sum_of_rows(mi, selected):
    """MI of each gene with the selected ones, added up; a gene's MI with itself is 0 here."""
    total = np.zeros(mi.shape[0])
    for gene in range(mi.shape[0]):
        if selected[gene]:
            total += mi[gene]
    return total


@inner()
def _eliminate(mi, target, selected, redundancy):
    """Remove the selected gene with the lowest score, again and again, until no score is negative.

    redundancy is kept up to date for the selected genes only.
    """
    members = np.flatnonzero(selected)
    number = members.shape[0]
    worst, lowest = _worst(mi[target], redundancy, selected, number - 1)
    while number > 1 and lowest < 0.0:
        selected[worst] = False
        gone, kept = worst, 0
        worst, lowest = -1, np.inf
        share = 1.0 / (number - 2) if number > 2 else 0.0
        for k in range(number):
            gene = members[k]
            if gene != gone:
                members[kept] = gene
                kept += 1
                redundancy[gene] -= mi[gone, gene]
                score = mi[target, gene] - redundancy[gene] * share
                if score < lowest:
                    worst, lowest = gene, score
        number = kept


@parallel(lambda mi: len(mi))
def mrnetb(begin, stop, mi, candidates, weights):
    """Backward elimination and replacement (see `genenet.scores.mrnetb`). Arguments as `mrnet`; the diagonal is 0."""
    n_genes = mi.shape[0]
    for target in range(begin, stop):
        relevance = mi[target]
        selected = candidates.copy()
        selected[target] = False
        if not selected.any():
            continue
        _eliminate(mi, target, selected, _sum_of_rows(mi, selected))
        n_others = selected.sum() - 1
        redundancy = _sum_of_rows(mi, selected)
        for _ in range(n_genes):
            worst, lowest = _worst(relevance, redundancy, selected, n_others)
            best, highest = -1, lowest + 1e-12
            for gene in range(n_genes):
                if candidates[gene] and not selected[gene] and gene != target:
                    score = _score(relevance[gene], redundancy[gene] - mi[gene, worst], n_others)
                    if score > highest:
                        best, highest = gene, score
            if best < 0:
                break
            selected[worst], selected[best] = False, True
            redundancy += mi[best] - mi[worst]
        for gene in range(n_genes):
            if selected[gene]:
                weights[target, gene] = max(_score(relevance[gene], redundancy[gene], n_others), 0.0)
