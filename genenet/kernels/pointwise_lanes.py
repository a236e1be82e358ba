"""Joint counts of two bins, and pointwise mutual information in 16 cells of four samples, by vector instructions."""

from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from genenet.kernels.entropy_lanes import EXPONENT_32, ROOT_HALF_32, _fma, _Single
from genenet.kernels.vectors import (
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    LANES,
    _constant,
    _data,
    _function,
    _instructions,
    _load,
    _splat,
)
from genenet.kernels.windows import BINS_AT_ONCE, MISSING

# Samples that are taken together.
SAMPLES_AT_ONCE = 4
LOG2_UNIT = 2.0**-EXPONENT_32
"""Unit of the sums of `add_cells`, in bits."""


@intrinsic
def sum_of_products(typing_context, x, y, first, last):
    """Sum of the products of the weights of two bins in samples from `first` on, and the first sample that is left.

    x, y: uint8 (n_samples,), up to 127. No sample is left but for fewer than fill a vector, of which the sum is 0: more
    on one processor than on another.
    """

    def codegen(context, b, signature, args):
        kind, (start, stop) = _instructions(context), args[2:]
        px, py = (_data(context, b, signature, args, i) for i in (0, 1))
        vector, step = ir.VectorType(I32, kind.lanes), ir.Constant(I64, 4 * kind.lanes)
        total = cgutils.alloca_once_value(b, _constant(vector, 0))
        end = b.add(start, b.mul(b.udiv(b.sub(stop, start), step), step))

        def add(s: Any, mask: Any = None) -> None:
            x, y = (_load(b, pointer, s, vector, align=1) for pointer in (px, py))
            b.store(kind.multiply_add(b, b.load(total), x if mask is None else b.and_(x, mask), y), total)

        with cgutils.for_range_slice(b, start, end, step, intp=I64) as (s, _):
            add(s)
        # The samples behind the last whole vector, in a vector that ends with them.
        is_rest = b.and_(b.icmp_signed("<", end, stop), b.icmp_signed(">=", stop, step))
        with b.if_then(is_rest):
            s, bytes_ = b.sub(stop, step), ir.VectorType(I8, 4 * kind.lanes)
            lanes = ir.Constant(bytes_, list(range(4 * kind.lanes)))
            is_new = b.icmp_unsigned(">=", lanes, _splat(b, b.trunc(b.sub(end, s), I8), 4 * kind.lanes))
            add(s, b.bitcast(b.sext(is_new, bytes_), vector))
        of_lanes = _function(b, f"llvm.vector.reduce.add.v{kind.lanes}i32", I32, [vector])
        found = b.zext(b.call(of_lanes, [b.load(total)]), I64)
        return context.make_tuple(b, signature.return_type, (found, b.select(is_rest, stop, end)))

    return types.UniTuple(types.int64, 2)(x, y, types.int64, types.int64), codegen


def _shuffle(b: Any, x: Any, y: Any, places: list[int]) -> Any:
    return b.shuffle_vector(x, y, ir.Constant(ir.VectorType(I32, len(places)), places))


def _concatenated(b: Any, parts: list[Any]) -> Any:
    """One vector of two, four, ... vectors."""
    while len(parts) > 1:
        n = parts[0].type.count
        parts = [_shuffle(b, x, y, list(range(2 * n))) for x, y in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _folded(b: Any, x: Any, y: Any, size: int) -> Any:
    """Add the second half of each group of `size` lanes to the first half; groups of x, then those of y if given."""
    n_lanes = x.type.count * (1 if y is None else 2)
    low = [lane for lane in range(n_lanes) if lane % size < size // 2]
    other = x if y is None else y
    return b.fadd(_shuffle(b, x, other, low), _shuffle(b, x, other, [lane + size // 2 for lane in low]))


def _sums(b: Any, terms: list[Any]) -> Any:
    """Sums of the 16 lanes of each of four vectors."""
    quarters = _folded(b, _folded(b, terms[0], terms[1], 16), _folded(b, terms[2], terms[3], 16), 8)
    return _folded(b, _folded(b, quarters, None, 4), None, 2)


@intrinsic
def add_cells(
    typing_context,
    x,
    x_at,
    first_x,
    bin_x,
    y,
    y_at,
    first_y,
    bin_y,
    margins_x,
    margins_y,
    table,
    stride,
    scales,
    sums,
    at,
):
    """Add x y log2(ratio) of 16 cells, those of four bins of each gene, to the sums of four samples.

    A ratio is (count - x y) * (scales[1] / margin of x) * (scales[2] / margin of y) + scales[3], where scales[0] times
    the sample's weight is taken from both margins. Bins in which no other sample is add nothing.

    x, y: uint8, weights of a sample in four bins, of four samples from x_at and y_at on; first_x, first_y: uint8, from
    `at` on, to which bin_x and bin_y are added: the first of these bins. margins_x, margins_y: float32, sums of the
    joint table over the other gene; table: float32, the joint table, a bin of x each `stride` values; scales: float32
    (4,). sums: float32, from `at` on, in units of LOG2_UNIT.
    """

    def codegen(context, b, signature, args):
        px, pfx, py, pfy, pmx, pmy, pt, ps, po = (
            _data(context, b, signature, args, i) for i in (0, 2, 4, 6, 8, 9, 10, 12, 13)
        )
        stride, at = args[11], args[14]
        four, floats, words = (ir.VectorType(*kind) for kind in ((F32, 4), (F32, LANES), (I32, LANES)))
        own, scale_x, scale_y, prior = (_splat(b, b.load(b.gep(ps, [ir.Constant(I64, k)])), LANES) for k in range(4))
        zero = _constant(floats, 0.0)

        def first_bins(pointer: Any, added: Any) -> list[Any]:
            found = [b.load(b.gep(pointer, [b.add(at, ir.Constant(I64, i))])) for i in range(SAMPLES_AT_ONCE)]
            return [b.add(b.and_(b.zext(first, I64), ir.Constant(I64, MISSING - 1)), added) for first in found]

        def gene(pointer: Any, start: Any, bins: list[Any], margins: Any, scale: Any) -> tuple[Any, Any]:
            """Weights, and scale / margin of the other samples; both are 0 where there is none."""
            bytes_ = _load(b, pointer, start, ir.VectorType(I8, LANES), align=1)
            weights = b.sitofp(b.zext(bytes_, words), floats)
            margin = _concatenated(b, [_load(b, margins, first, four) for first in bins])
            others = b.fsub(margin, b.fmul(own, weights))
            known = b.fcmp_ordered(">", others, zero)
            return b.select(known, weights, zero), b.select(known, b.fdiv(scale, others), zero)

        bins_x, bins_y = first_bins(pfx, args[3]), first_bins(pfy, args[7])
        weights_x, shares_x = gene(px, args[1], bins_x, pmx, scale_x)
        weights_y, shares_y = gene(py, args[5], bins_y, pmy, scale_y)
        terms = []
        for i in range(SAMPLES_AT_ONCE):
            rows = [BINS_AT_ONCE * i + lane // BINS_AT_ONCE for lane in range(LANES)]
            columns = [BINS_AT_ONCE * i + lane % BINS_AT_ONCE for lane in range(LANES)]

            def products(of_x: Any, of_y: Any, rows: list[int] = rows, columns: list[int] = columns) -> Any:
                return b.fmul(_shuffle(b, of_x, of_x, rows), _shuffle(b, of_y, of_y, columns))

            starts = [b.add(b.mul(b.add(bins_x[i], ir.Constant(I64, k)), stride), bins_y[i]) for k in range(4)]
            counts = _concatenated(b, [_load(b, pt, start, four) for start in starts])
            product = products(weights_x, weights_y)
            ratio = _fma(b, b.fsub(counts, product), products(shares_x, shares_y), prior)
            log2 = _Single._log2(b, ratio, _constant(words, ROOT_HALF_32), _constant(floats, 1.0))
            terms.append(b.fmul(product, log2))
        place = b.bitcast(b.gep(po, [at]), four.as_pointer())
        b.store(b.fadd(b.load(place, align=4), _sums(b, terms)), place, align=4)

    i64 = types.int64
    signature = types.void(
        x, i64, first_x, i64, y, i64, first_y, i64, margins_x, margins_y, table, i64, scales, sums, i64
    )
    return signature, codegen


@intrinsic
def centred_sums(typing_context, x, centre):
    """Sums of x - centre and of its squares, over all values but NaN: float64, in 16 partial sums.

    x: float32 (n,), n a multiple of 16; centre: float64.
    """

    def codegen(context, b, signature, args):
        array = context.make_array(signature.args[0])(context, b, args[0])
        doubles = ir.VectorType(F64, LANES)
        zero, centre = _constant(doubles, 0.0), _splat(b, args[1], LANES)
        totals = [cgutils.alloca_once_value(b, zero) for _ in range(2)]
        start, step = ir.Constant(I64, 0), ir.Constant(I64, LANES)
        with cgutils.for_range_slice(b, start, array.nitems, step, intp=I64) as (place, _):
            values = b.fpext(_load(b, array.data, place, ir.VectorType(F32, LANES)), doubles)
            known = b.fcmp_ordered("ord", values, values)
            values = b.select(known, b.fsub(values, centre), zero)
            for total, terms in zip(totals, (values, b.fmul(values, values)), strict=True):
                b.store(b.fadd(b.load(total), terms), total)
        sums = []
        for total in totals:
            lanes, size = b.load(total), LANES
            while size > 1:
                lanes, size = _folded(b, lanes, None, size), size // 2
            sums.append(b.extract_element(lanes, ir.Constant(I32, 0)))
        return context.make_tuple(b, signature.return_type, sums)

    return types.UniTuple(types.float64, 2)(x, types.float64), codegen


@intrinsic
def add_values(typing_context, values, sums, first, last):
    """Add values to sums. values: float32, sums: float32 or float64; first, last: the part, a multiple of 16 long."""

    def codegen(context, b, signature, args):
        pv, ps = (_data(context, b, signature, args, i) for i in (0, 1))
        element = F64 if signature.args[1].dtype == types.float64 else F32
        floats, to = ir.VectorType(F32, LANES), ir.VectorType(element, LANES)
        with cgutils.for_range_slice(b, args[2], args[3], ir.Constant(I64, LANES), intp=I64) as (place, _):
            terms = _load(b, pv, place, floats)
            terms = b.fpext(terms, to) if element == F64 else terms
            at = b.bitcast(b.gep(ps, [place]), to.as_pointer())
            b.store(b.fadd(b.load(at, align=4), terms), at, align=4)

    return types.void(values, sums, types.int64, types.int64), codegen


@intrinsic
def is_any_larger(typing_context, x, y, at):
    """Whether any of 16 values of x, from `at` on, is larger than that of y. x, y: float32."""

    def codegen(context, b, signature, args):
        x, y = (_load(b, _data(context, b, signature, args, i), args[2], ir.VectorType(F32, LANES)) for i in (0, 1))
        return b.icmp_unsigned("!=", b.bitcast(b.fcmp_ordered(">", x, y), I16), ir.Constant(I16, 0))

    return types.boolean(x, y, types.int64), codegen
