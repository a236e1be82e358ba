"""Mutual information of a pair of genes with a variable, by nearest neighbours, in many orders of that variable.

The distance of two samples is the larger of their differences in both genes (max norm). Around each sample the nearest
others are sorted by it once, and are then looked through in every order of the variable. Ties are counted as in
`genenet.kernels.ksg`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import inner
from genenet.kernels.ksg import within
from genenet.kernels.threads import parallel

ALONE = -1


class PairedGenes(NamedTuple):
    """Genes that are each paired with one of them."""

    values: NDArray[np.float64]
    """Shape (n_genes, n_samples)."""
    gene: int
    """The gene that is in all pairs, or `ALONE`: each gene with itself, which is the gene alone."""
    k: int
    psi: NDArray[np.float64]
    """Digamma of 0 .. n_samples, of which 0 is not used."""


class NumberOrders(NamedTuple):
    """A continuous variable in several orders of its samples."""

    values: NDArray[np.float64]
    """Shape (n_samples, n_orders)."""
    place: NDArray[np.int64]
    """Position of each sample among the ascending values, shape (n_samples, n_orders)."""
    ordered: NDArray[np.float64]
    """The values in ascending order, shape (n_samples,)."""


class LabelOrders(NamedTuple):
    """A discrete variable in several orders of its samples."""

    codes: NDArray[np.int64]
    """Label of each sample, shape (n_orders, n_samples)."""
    sizes: NDArray[np.int64]
    """How often each label occurs, at least twice."""


class Nearest(NamedTuple):
    """The nearest other samples of a sample, and memory to find them."""

    distances: NDArray[np.float64]
    """Ascending."""
    samples: NDArray[np.int64]
    gaps: NDArray[np.float64]
    buckets: NDArray[np.int32]
    starts: NDArray[np.int64]


@inner()
def _nearest(n):
    """Make room for the others of one of n samples."""
    return Nearest(np.empty(n), np.empty(n, np.int64), np.empty(n), np.empty(n, np.int32), np.empty(n + 2, np.int64))


@inner()
def _sort_nearest(x, z, scale, sample, wanted, found):
    """Sort at least `wanted` of the other samples, by the larger difference in x or z; returns how many.

    scale: number of buckets, at most n_samples, a unit of distance; found: `Nearest`, overwritten. The samples of the
    first buckets are sorted by insertion.
    """
    distances, samples, gaps, buckets, starts = found
    n = x.shape[0]
    x_here, z_here = x[sample], z[sample]
    for other in range(n):
        gaps[other] = max(abs(x[other] - x_here), abs(z[other] - z_here))
    for other in range(n):
        buckets[other] = np.int32(gaps[other] * scale)
    starts[:] = 0
    for other in range(n):
        starts[buckets[other] + 1] += 1
    # The sample itself is in the first bucket, and is not written.
    last, n_found = 0, starts[1] - 1
    starts[1] = n_found
    while n_found < wanted:
        last += 1
        n_found += starts[last + 1]
        starts[last + 1] = n_found
    for other in range(n):
        bucket = buckets[other]
        if bucket <= last and other != sample:
            at, distance = starts[bucket], gaps[other]
            distances[at], samples[at] = distance, other
            starts[bucket] += 1
    for position in range(1, n_found):
        distance, other, at = distances[position], samples[position], position
        while at > 0 and distances[at - 1] > distance:
            distances[at], samples[at] = distances[at - 1], samples[at - 1]
            at -= 1
        distances[at], samples[at] = distance, other
    return n_found


@inner()
def _scale(x, z):
    """Buckets a unit of distance, with which the largest distance is in bucket n_samples - 1 or lower."""
    largest = max(x.max() - x.min(), z.max() - z.min())
    return (x.shape[0] - 1) / largest if largest > 0.0 else 0.0


class Ball(NamedTuple):
    """The k nearest samples in a pair of genes and a variable, and how many are as near, in each order."""

    nearest: NDArray[np.float64]
    """Distances, ascending, shape (k, n_orders)."""
    farther: NDArray[np.float64]
    """Memory, shape (n_orders,)."""
    within: NDArray[np.int64]
    """Other samples at the distance of the k-th or nearer: in genes and variable, shape (n_orders,)."""
    nearer: NDArray[np.int64]
    """Other samples nearer in the genes than that."""
    at_most: NDArray[np.int64]
    """Other samples not farther in the genes."""


@inner()
def _ball(k, n):
    counts = np.empty((3, n), np.int64)
    return Ball(np.empty((k, n)), np.empty(n), counts[0], counts[1], counts[2])


@inner()
def _find_ball(found, n_found, n_others, here, y, ball):
    """Find the k nearest samples in every order; False if that needs more than the n_found nearest in the genes."""
    nearest, farther = ball.nearest, ball.farther
    k, n_orders = nearest.shape
    nearest[:] = np.inf
    n_used = n_found
    for t in range(n_found):
        gap, other = found.distances[t], found.samples[t]
        if t >= k and t % 4 == 0 and gap > nearest[k - 1].max():
            n_used = t
            break
        for o in range(n_orders):
            farther[o] = max(gap, abs(y[other, o] - y[here, o]))
        for a in range(k):
            for o in range(n_orders):
                one, two = nearest[a, o], farther[o]
                nearest[a, o], farther[o] = min(one, two), max(one, two)
    if n_used == n_found < n_others and found.distances[n_found - 1] < nearest[k - 1].max():
        return False
    _count_ball(found, n_used, here, y, nearest[k - 1], ball.within, ball.nearer, ball.at_most)
    return True


@inner()
def _count_ball(found, n_used, here, y, radius, inside, nearer, at_most):
    inside[:], nearer[:], at_most[:] = 0, 0, 0
    for t in range(n_used):
        gap, other = found.distances[t], found.samples[t]
        for o in range(radius.shape[0]):
            inside[o] += max(gap, abs(y[other, o] - y[here, o])) <= radius[o]
            nearer[o] += gap < radius[o]
            at_most[o] += gap <= radius[o]


@parallel(lambda genes: len(genes.values))
def ksg_pairs(begin, stop, genes, orders, mi):
    """MI in nats of each pair of genes with a continuous variable, not clipped at 0 (Kraskov et al. 2004, eq. 8).

    genes: `PairedGenes`; orders: `NumberOrders`; mi: float64 (n_orders, n_genes).
    """
    values, gene, k, psi = genes
    y, place, ordered = orders
    n, n_orders = y.shape
    found, ball, totals = _nearest(n), _ball(k, n_orders), np.empty(n_orders)
    # If nothing is related, most balls of k samples have fewer within their width in the genes.
    n_genes = 1.0 if gene == ALONE else 2.0
    usual = min(n - 1, int(4.0 * n * (k / n) ** (n_genes / (n_genes + 1.0))) + k)
    for other in range(begin, stop):
        totals[:] = 0.0
        x, z = values[other], values[other if gene == ALONE else gene]
        scale = _scale(x, z)
        for sample in range(n):
            n_found = _sort_nearest(x, z, scale, sample, usual, found)
            if not _find_ball(found, n_found, n - 1, sample, y, ball):
                n_found = _sort_nearest(x, z, scale, sample, n - 1, found)
                _find_ball(found, n_found, n - 1, sample, y, ball)
            for o in range(n_orders):
                radius, inside = ball.nearest[k - 1, o], ball.within[o]
                if inside > k or radius == 0.0:
                    n_y = within(ordered, place[sample, o], radius, True)
                    totals[o] += psi[inside + 1] - psi[ball.at_most[o] + 1] - psi[n_y]
                else:
                    n_y = within(ordered, place[sample, o], radius, False)
                    totals[o] += psi[k] - psi[ball.nearer[o] + 1] - psi[n_y]
        for o in range(n_orders):
            mi[o, other] = psi[n] + totals[o] / n


@inner()
def _ross_term(found, n_found, sample, codes, sizes, k, psi):
    """Psi of the neighbours of the same label, less those of all samples as near and of the label (Ross 2014).

    NaN if that needs more than the n_found nearest samples.
    """
    distances, samples = found.distances, found.samples
    label = codes[sample]
    near = min(k, sizes[label] - 1)
    at, same = 0, 0
    while same < near:
        if at == n_found:
            return np.nan
        same += codes[samples[at]] == label
        at += 1
    distance, nearer = distances[at - 1], at - 1
    while nearer > 0 and distances[nearer - 1] == distance:
        nearer -= 1
    while at < n_found and distances[at] == distance:
        same += codes[samples[at]] == label
        at += 1
    if same == near and distance > 0.0:
        return psi[near] - psi[sizes[label]] - psi[nearer + 1]
    return psi[same + 1] - psi[sizes[label]] - psi[at + 1]


@parallel(lambda genes: len(genes.values))
def ross_pairs(begin, stop, genes, orders, mi):
    """MI in nats of each pair of genes with a discrete variable, not clipped at 0 (Ross 2014).

    genes: `PairedGenes`; orders: `LabelOrders`; mi: float64 (n_orders, n_genes).
    """
    values, gene, k, psi = genes
    n_orders, n = orders.codes.shape
    found, totals = _nearest(n), np.empty(n_orders)
    usual = min(n - 1, 3 * k * len(orders.sizes) + k)
    for other in range(begin, stop):
        totals[:] = 0.0
        x, z = values[other], values[other if gene == ALONE else gene]
        scale = _scale(x, z)
        for sample in range(n):
            n_found = _sort_nearest(x, z, scale, sample, usual, found)
            for o in range(n_orders):
                term = _ross_term(found, n_found, sample, orders.codes[o], orders.sizes, k, psi)
                if np.isnan(term):
                    n_found = _sort_nearest(x, z, scale, sample, n - 1, found)
                    term = _ross_term(found, n_found, sample, orders.codes[o], orders.sizes, k, psi)
                totals[o] += term
        for o in range(n_orders):
            mi[o, other] = psi[n] + totals[o] / n
