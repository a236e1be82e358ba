"""MRNET and MRNETB: neighbours of each target with high MI to it (relevance) and low MI to each other (redundancy)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.threads import parallel

# Genes that cannot be selected any more are left out after every so many selections.
STEPS_BETWEEN_REMOVALS = 16


class Neighbours(NamedTuple):
    """The neighbours of each gene, in gene order.

    Attributes
    ----------
    starts
        int64, shape (n_genes + 1,): where the neighbours of each gene start.
    genes
        uint32, shape (n_entries,): an index that cannot be negative is read without a test.
    mi
        float64, shape (n_entries,): their MI with the gene, not negative.
    """

    starts: NDArray[np.int64]
    genes: NDArray[np.uint32]
    mi: NDArray[np.float64]


@compiled()
def fill_neighbours(first, second, mi, ends, neighbours):
    """Append pairs, which come in order, to the neighbours of both genes.

    first, second: int32, mi: float64 (n_pairs,); ends: int64 (n_genes,), where the next neighbour of each gene goes,
    moved on. Pairs with a gene as the second one come before those with it as the first one, and so all are in order.
    """
    for pair in range(mi.shape[0]):
        i, j = first[pair], second[pair]
        neighbours.genes[ends[i]], neighbours.mi[ends[i]] = j, mi[pair]
        neighbours.genes[ends[j]], neighbours.mi[ends[j]] = i, mi[pair]
        ends[i] += 1
        ends[j] += 1


@compiled()
def larger_weights(first, second, ends, weights, scores):
    """Weight of each pair, the larger one of its two directions. Arguments as `fill_neighbours`; both (n_pairs,)."""
    for pair in range(scores.shape[0]):
        i, j = first[pair], second[pair]
        scores[pair] = max(weights[ends[i]], weights[ends[j]])
        ends[i] += 1
        ends[j] += 1


@inner()
def _best(relevance, redundancy, n_genes, n_selected, scores):
    """Place of the largest score if it is positive, the first one among equals; -1 if none is.

    Positive numbers have the order of their bits, and the maximum of integers compiles to vector instructions.
    """
    divisor = np.float64(max(n_selected, 1))
    for k in range(n_genes):
        scores[k] = relevance[k] - redundancy[k] / divisor
    bits = scores.view(np.int64)
    largest = np.int64(0)
    for k in range(n_genes):
        largest = max(largest, bits[k])
    if largest == 0:
        return -1
    best = 0
    while bits[best] != largest:
        best += 1
    return best


@parallel(lambda neighbours: len(neighbours.starts) - 1)
def mrnet_of_neighbours(begin, stop, neighbours, candidates, weights):
    """`mrnet` where a pair that is not listed has MI 0. weights: float64 (n_entries,), of each neighbour.

    Redundancy only grows. A gene whose relevance is at most its redundancy so far, divided by the largest number of
    genes that may ever be selected before it, can never have a positive score, and is left out. Sums and quotients of
    floating point keep this order, and so the weights are the same bytes as those of `mrnet`.
    """
    starts, genes, mi = neighbours
    n_genes = starts.shape[0] - 1
    total, relevance, redundancy, scores = np.empty(n_genes), np.empty(n_genes), np.empty(n_genes), np.empty(n_genes)
    open_genes, entries = np.empty(n_genes, np.uint32), np.empty(n_genes, np.int64)
    for target in range(begin, stop):
        for gene in range(n_genes):
            total[gene] = 0.0
        n_open = 0
        for entry in range(starts[target], starts[target + 1]):
            if candidates[genes[entry]] and mi[entry] > 0.0:
                open_genes[n_open], entries[n_open] = genes[entry], entry
                relevance[n_open], redundancy[n_open] = mi[entry], 0.0
                n_open += 1
        n_selected, n_left = 0, n_open
        while n_left > 0:
            best = _best(relevance, redundancy, n_open, n_selected, scores)
            if best < 0:
                break
            weights[entries[best]] = scores[best]
            relevance[best] = -np.inf
            n_selected += 1
            n_left -= 1
            for entry in range(starts[open_genes[best]], starts[open_genes[best] + 1]):
                total[genes[entry]] += mi[entry]
            if n_selected % STEPS_BETWEEN_REMOVALS == 0:
                most, n_kept = np.float64(n_selected + n_left - 1), 0
                for k in range(n_open):
                    if relevance[k] - total[open_genes[k]] / most > 0.0:
                        open_genes[n_kept], entries[n_kept] = open_genes[k], entries[k]
                        relevance[n_kept] = relevance[k]
                        n_kept += 1
                n_open = n_left = n_kept
            for k in range(n_open):
                redundancy[k] = total[open_genes[k]]


@parallel(lambda mi: len(mi))
def mrnet(begin, stop, mi, candidates, weights):
    """Forward selection (see `genenet.scores.mrnet`). mi, weights: float64 (n_genes, n_genes); weights start as 0.

    candidates: bool (n_genes,), genes that may be selected. Row t of weights gets the scores that the neighbours of
    target t had when they were selected.
    """
    n_genes = mi.shape[0]
    relevance, redundancy, scores = np.empty(n_genes), np.empty(n_genes), np.empty(n_genes)
    for target in range(begin, stop):
        for gene in range(n_genes):
            relevance[gene] = mi[target, gene] if candidates[gene] and gene != target else -np.inf
            redundancy[gene] = 0.0
        for n_selected in range(n_genes - 1):
            best = _best(relevance, redundancy, n_genes, n_selected, scores)
            if best < 0:
                break
            weights[target, best] = scores[best]
            relevance[best] = -np.inf
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
