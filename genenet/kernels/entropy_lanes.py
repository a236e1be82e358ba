"""Mutual information of 16 pairs at once from their joint counts: float32 for the screen, float64 for the survivors."""

from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from genenet.kernels.vectors import (
    F32,
    F64,
    I16,
    I32,
    I64,
    LANES,
    MAX_BINS,
    _constant,
    _data,
    _function,
    _load,
    _splat,
    _store,
)

# log2(m) on [sqrt(1/2), sqrt(2)) as t * P(t) with t = m - 1, for the float32 screen: minimax fit, largest error
# 3.7e-7 (tests/kernels/test_kernels.py holds it to that). Highest power first.
LOG2_FLOAT32 = (
    0.1706344336271286,
    -0.27269789576530457,
    0.29726260900497437,
    -0.3589618504047394,
    0.48046502470970154,
    -0.7213758826255798,
    1.442699670791626,
)
# Bits of sqrt(1/2), and the weight of an exponent's lowest bit, in the two precisions.
ROOT_HALF_32, EXPONENT_32 = 0x3F3504F3, 23
ROOT_HALF_64, EXPONENT_64 = 0x3FE6A09E667F3BCD, 52

# log2(m) = 2 / ln(2) * (s + s^3/3 + s^5/5 + ...) with s = (m - 1) / (m + 1), |s| <= 0.1716: eleven terms, error below
# 1e-17.
LOG2_SERIES = tuple(2.8853900817779268 / (2 * k + 1) for k in reversed(range(11)))


def _fma(b: Any, x: Any, y: Any, z: Any) -> Any:
    """Fused multiply-add, x * y + z rounded once; one instruction on processors of the last ten years.

    Older processors call the C library instead, which is slow but gives the same bits.
    """
    return b.call(_function(b, f"llvm.fma.v{x.type.count}f32", x.type, [x.type] * 3), [x, y, z])


class _Single:
    """Sum of x * log2(x), x = count / N, in float32 for the screen, with as few instructions as possible.

    It is the sum of count * log2(count / 2**k), k the exponent of N, with logarithms in units of 2**-23, so that
    neither count nor exponent has to be scaled. The logarithm of 0 is a finite number, which is multiplied by 0.
    """

    element = F32

    def __init__(self, b: Any, scale: Any) -> None:
        """Take scale, 1 / N."""
        bits = b.bitcast(scale, I32)
        # 2**k from 1 / N: exponent fields of 2**k and 2**-k add up to that of 4.
        raw = b.and_(bits, ir.Constant(I32, 0x7F800000))
        power = b.bitcast(raw, F32)
        shift = b.sub(ir.Constant(I32, 0x3F800000), raw)
        self.root = _splat(b, b.add(shift, ir.Constant(I32, ROOT_HALF_32)), LANES)
        self.power = _splat(b, power, LANES)
        self.scale = _splat(b, b.fmul(scale, ir.Constant(F32, 2.0**-EXPONENT_32)), LANES)
        # log2(2**k / N) = log2(scale / power), once for all cells, whose x add up to 1.
        ratio = _splat(b, b.fdiv(scale, power), LANES)
        one = _splat(b, ir.Constant(I32, ROOT_HALF_32), LANES)
        log2 = self._log2(b, ratio, one, _constant(ratio.type, 1.0))
        self.rest = b.fmul(log2, _constant(ratio.type, 2.0**-EXPONENT_32))

    @staticmethod
    def _log2(b: Any, x: Any, root: Any, power: Any) -> Any:
        words = ir.VectorType(I32, LANES)
        bits = b.bitcast(x, words)
        exponent = b.and_(b.sub(bits, root), _constant(words, -(1 << EXPONENT_32)))
        t = _fma(b, b.bitcast(b.sub(bits, exponent), x.type), power, _constant(x.type, -1.0))
        unit = 2.0**EXPONENT_32
        polynomial = _constant(x.type, LOG2_FLOAT32[0] * unit)
        for coefficient in LOG2_FLOAT32[1:]:
            polynomial = _fma(b, polynomial, t, _constant(x.type, coefficient * unit))
        return _fma(b, t, polynomial, b.sitofp(exponent, x.type))

    def add(self, b: Any, count: Any, total: Any) -> Any:
        """Add the term of a count to a total."""
        x = b.sitofp(count, total.type)
        return _fma(b, x, self._log2(b, x, self.root, self.power), total)

    def result(self, b: Any, total: Any) -> Any:
        """Turn the total of all counts, which add up to N, into bits."""
        return _fma(b, total, self.scale, self.rest)


class _Double:
    """The same sum in float64 for reported MI, within a few units of the last place, in plain arithmetic."""

    element = F64

    def __init__(self, b: Any, scale: Any) -> None:
        """Take scale, 1 / N."""
        self.scale = _splat(b, scale, LANES)

    @staticmethod
    def _log2(b: Any, x: Any) -> Any:
        integer = ir.VectorType(I64, LANES)
        bits = b.bitcast(x, integer)
        exponent = b.ashr(b.sub(bits, _constant(integer, ROOT_HALF_64)), _constant(integer, EXPONENT_64))
        m = b.bitcast(b.sub(bits, b.shl(exponent, _constant(integer, EXPONENT_64))), x.type)
        one = _constant(x.type, 1.0)
        s = b.fdiv(b.fsub(m, one), b.fadd(m, one))
        z = b.fmul(s, s)
        series = _constant(x.type, LOG2_SERIES[0])
        for coefficient in LOG2_SERIES[1:]:
            series = b.fadd(b.fmul(series, z), _constant(x.type, coefficient))
        return b.fadd(b.fmul(s, series), b.sitofp(exponent, x.type))

    def add(self, b: Any, count: Any, total: Any) -> Any:
        """Add the term of a count to a total."""
        x = b.fmul(b.sitofp(count, total.type), self.scale)
        return b.fadd(b.fmul(x, self._log2(b, x)), total)

    def result(self, b: Any, total: Any) -> Any:
        """Return the total of all counts, which is in bits already."""
        return total


def _sum_x_log2_x(
    b: Any, terms: _Single | _Double, counts: Any, stride: Any, n_bins: Any, row_margin: Any, column_margin: Any
) -> Any:
    """Sum over all cells of x * log2(x), x = count / N; the last row and column follow from the margins.

    counts: int32, cell (r, c) at r * stride + c * LANES, r, c < n_bins - 1; column_margin: int32 (n_bins, LANES);
    row_margin: int32 (n_bins,), or (n_bins, LANES) in double precision, where each lane has a row gene of its own.
    """
    words, floats = ir.VectorType(I32, LANES), ir.VectorType(terms.element, LANES)
    # Each row has a sum of its own, and the rows' sums are added up: less rounding than one long sum.
    total, row_total = cgutils.alloca_once(b, floats), cgutils.alloca_once(b, floats)
    b.store(_constant(floats, 0.0), total)

    def add(count: Any) -> None:
        b.store(terms.add(b, count, b.load(row_total)), row_total)

    def add_row() -> None:
        b.store(b.fadd(b.load(total), b.load(row_total)), total)

    lanes, one = ir.Constant(I64, LANES), ir.Constant(I64, 1)
    inner = b.sub(n_bins, one)
    # The remainder of each column's margin after the rows so far: in the end it is the last row.
    rest = cgutils.alloca_once(b, words, size=MAX_BINS)
    with cgutils.for_range(b, n_bins, intp=I64) as c:
        b.store(_load(b, column_margin, b.mul(c.index, lanes), words), b.gep(rest, [c.index]))
    row_rest = cgutils.alloca_once(b, words)
    with cgutils.for_range(b, inner, intp=I64) as r:
        if terms.element == F64:
            b.store(_load(b, row_margin, b.mul(r.index, lanes), words), row_rest)
        else:
            b.store(_splat(b, b.load(b.gep(row_margin, [r.index])), LANES), row_rest)
        b.store(_constant(floats, 0.0), row_total)
        with cgutils.for_range(b, inner, intp=I64) as c:
            count = _load(b, counts, b.add(b.mul(r.index, stride), b.mul(c.index, lanes)), words)
            b.store(b.sub(b.load(row_rest), count), row_rest)
            column = b.gep(rest, [c.index])
            b.store(b.sub(b.load(column), count), column)
            add(count)
        last = b.gep(rest, [inner])
        b.store(b.sub(b.load(last), b.load(row_rest)), last)
        add(b.load(row_rest))
        add_row()
    b.store(_constant(floats, 0.0), row_total)
    with cgutils.for_range(b, n_bins, intp=I64) as c:
        add(b.load(b.gep(rest, [c.index])))
    add_row()
    return terms.result(b, b.load(total))


@intrinsic
def screen_lanes(
    typing_context, counts, stride, n_bins, row_margin, column_margin, scale, row, columns, threshold, out, out_at
):
    """Mutual information (bits, float32) of a row gene with 16 column genes, and which of them reach their threshold.

    counts, stride, n_bins, row_margin, column_margin: as `_sum_x_log2_x`; scale: float32, 1 / total count.
    row: float32 (4,): entropy in bits, and the factors of the null's mean, standard deviation and skewness.
    columns: float32 (4, LANES): the same of the column genes.
    threshold: float32 (n_powers,): polynomial in the skewness, highest power first: how many standard deviations above
    the mean the threshold lies. out: float32; LANES values at out_at. Returns an int32 mask of the lanes at or above
    their threshold.
    """

    def codegen(context, b, signature, args):
        pc, pr, pm, prow, pcolumns, pt, po = (_data(context, b, signature, args, i) for i in (0, 3, 4, 6, 7, 8, 9))
        floats = ir.VectorType(F32, LANES)
        minus_joint = _sum_x_log2_x(b, _Single(b, args[5]), pc, args[1], args[2], pr, pm)

        def factor(k: int) -> tuple[Any, Any]:
            row = _splat(b, b.load(b.gep(prow, [ir.Constant(I64, k)])), LANES)
            return row, _load(b, pcolumns, ir.Constant(I64, k * LANES), floats)

        mi = b.fadd(b.fadd(*factor(0)), minus_joint)
        mean, deviation, skewness = (b.fmul(*factor(k)) for k in (1, 2, 3))
        n_powers = context.make_array(signature.args[8])(context, b, args[8]).nitems
        height = cgutils.alloca_once(b, floats)
        b.store(_constant(floats, 0.0), height)
        with cgutils.for_range(b, n_powers, intp=I64) as power:
            coefficient = _splat(b, b.load(b.gep(pt, [power.index])), LANES)
            b.store(_fma(b, b.load(height), skewness, coefficient), height)
        _store(b, mi, po, args[10])
        reached = b.fcmp_ordered(">=", mi, b.fadd(mean, b.fmul(deviation, b.load(height))))
        return b.zext(b.bitcast(reached, I16), I32)

    i64, f32 = types.int64, types.float32
    signature = types.int32(counts, i64, i64, row_margin, column_margin, f32, row, columns, threshold, out, i64)
    return signature, codegen


@intrinsic
def exact_lanes(
    typing_context,
    counts,
    stride,
    n_bins,
    row_margins,
    column_margins,
    scale,
    row_entropies,
    column_entropies,
    out,
    out_at,
):
    """Mutual information (bits, float64, not below 0) of 16 pairs of genes, from the exact integer counts.

    Arguments as `screen_lanes`, but in float64, and each lane has its own row gene: row_margins, column_margins: int32
    (n_bins, LANES); row_entropies, column_entropies: float64 (LANES,).
    """

    def codegen(context, b, signature, args):
        pc, pr, pm, prow, pcolumns, po = (_data(context, b, signature, args, i) for i in (0, 3, 4, 6, 7, 8))
        doubles = ir.VectorType(F64, LANES)
        minus_joint = _sum_x_log2_x(b, _Double(b, args[5]), pc, args[1], args[2], pr, pm)
        start = ir.Constant(I64, 0)
        margins = b.fadd(_load(b, prow, start, doubles), _load(b, pcolumns, start, doubles))
        mi = b.fadd(margins, minus_joint)
        zero = _constant(doubles, 0.0)
        _store(b, b.select(b.fcmp_ordered(">", mi, zero), mi, zero), po, args[9])

    i64, f64 = types.int64, types.float64
    signature = types.void(
        counts, i64, i64, row_margins, column_margins, f64, row_entropies, column_entropies, out, i64
    )
    return signature, codegen
