"""Vector instructions that numba does not emit by itself, as intrinsics: 16 genes side by side in one register.

`count_weights` and `count_bits` add up the joint counts of one row gene with 16 column genes, which
`genenet.kernels.entropy_lanes` turns into mutual information; `compare_bytes` serves the data processing inequality.
Every processor computes the same bits: each lane is a gene of its own, so that no horizontal sum is needed; counts are
integers; floating-point operations are done in the written order, without fast-math flags.

Joint counts are sums over samples of products of two small integers (weights up to 127). Four samples are multiplied
and added at a time, in one of three ways, by the instructions of the processor that code is compiled for: AVX-512 VNNI
(`vpdpbusd`), AVX2 (`vpmaddubsw` and `vpmaddwd`; 2 * 127 * 127 < 2**15, so nothing saturates), or plain vector
arithmetic. All give the same integers.
"""

from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# Genes side by side in the vector kernels: 16 int32 counts fill one AVX-512 register.
LANES = 16
MAX_BINS = 64

I8, I16, I32, I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
F32, F64 = ir.FloatType(), ir.DoubleType()


def _data(context: Any, builder: Any, signature: Any, args: Any, i: int) -> Any:
    return context.make_array(signature.args[i])(context, builder, args[i]).data


def _constant(vector: Any, value: float) -> Any:
    return ir.Constant(vector, [value] * vector.count)


def _splat(b: Any, value: Any, count: int) -> Any:
    vector = ir.VectorType(value.type, count)
    lane0 = b.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(I32, 0))
    mask = ir.Constant(ir.VectorType(I32, count), [0] * count)
    return b.shuffle_vector(lane0, ir.Constant(vector, ir.Undefined), mask)


def _load(b: Any, pointer: Any, index: Any, vector: Any, align: int = 4) -> Any:
    """Vector at element `index` of an array of its lanes' type; arrays are aligned to their elements only."""
    at = b.bitcast(b.gep(pointer, [index]), vector.as_pointer())
    return b.load(at, align=align)


def _store(b: Any, value: Any, pointer: Any, index: Any) -> None:
    b.store(value, b.bitcast(b.gep(pointer, [index]), value.type.as_pointer()), align=4)


def _features(context: Any) -> set[str]:
    """Features of the processor that numba compiles for: NUMBA_CPU_NAME may set fewer than the host has."""
    return {name[1:] for name in context.codegen().magic_tuple()[2].split(",") if name.startswith("+")}


def _function(b: Any, name: str, result: Any, arguments: list[Any]) -> Any:
    return cgutils.get_or_insert_function(b.module, ir.FunctionType(result, arguments), name)


class _Vnni:
    """AVX-512 VNNI: sixteen genes in a register, one instruction for four samples."""

    lanes, accumulators = 16, 28

    @staticmethod
    def multiply_add(b: Any, total: Any, x: Any, y: Any) -> Any:
        weights = ir.VectorType(I8, 64)
        dot = _function(b, "llvm.x86.avx512.vpdpbusd.512", total.type, [total.type, weights, weights])
        return b.call(dot, [total, b.bitcast(x, weights), b.bitcast(y, weights)])


class _Avx2:
    """AVX2: eight genes in a register, two instructions and an addition for four samples."""

    lanes, accumulators = 8, 10

    @staticmethod
    def multiply_add(b: Any, total: Any, x: Any, y: Any) -> Any:
        weights, words = ir.VectorType(I8, 32), ir.VectorType(I16, 16)
        by_two = _function(b, "llvm.x86.avx2.pmadd.ub.sw", words, [weights, weights])
        by_four = _function(b, "llvm.x86.avx2.pmadd.wd", total.type, [words, words])
        pairs = b.call(by_two, [b.bitcast(x, weights), b.bitcast(y, weights)])
        return b.add(total, b.call(by_four, [pairs, _constant(words, 1)]))


class _Plain:
    """Any processor: eight genes in a register, LLVM chooses the instructions."""

    lanes, accumulators = 8, 8

    @staticmethod
    def multiply_add(b: Any, total: Any, x: Any, y: Any) -> Any:
        low = _constant(total.type, 255)
        for shift in (0, 8, 16, 24):
            by = _constant(total.type, shift)
            total = b.add(total, b.mul(b.and_(b.lshr(x, by), low), b.and_(b.lshr(y, by), low)))
        return total


def _instructions(context: Any) -> Any:
    features = _features(context)
    if {"avx512vnni", "avx512bw"} <= features:
        return _Vnni
    return _Avx2 if "avx2" in features else _Plain


@intrinsic
def count_weights(
    typing_context,
    x,
    x_at,
    x_stride,
    y,
    y_at,
    y_stride,
    n_words,
    row_planes,
    column_planes,
    out,
    out_at,
    out_stride,
    add,
):
    """Joint counts of some planes of a row gene with some planes of 16 column genes.

    x: int32, the weights of four samples a word; plane r starts at x_at + r * x_stride.
    y: int32, 16 genes side by side; word w of plane c starts at y_at + w * y_stride + c * 16.
    row_planes, column_planes: arrays whose numbers of dimensions are the numbers of planes.
    out: int32; cell (r, c) of 16 genes at out_at + r * out_stride + c * 16 is overwritten, or added to if `add`.
    """
    n_rows, n_columns = row_planes.ndim, column_planes.ndim

    def run(context, b, kind, pointers, starts, strides, n_words, add, rows, columns, half):
        """Emit one pass over the samples with as many accumulators as fit into the registers."""
        vector = ir.VectorType(I32, kind.lanes)
        (px, py, po), (x_at, y_at, out_at), (x_stride, y_stride, out_stride) = pointers, starts, strides
        lane = ir.Constant(I64, half * kind.lanes)
        totals = {(r, c): cgutils.alloca_once(b, vector) for r in rows for c in columns}
        zero = _constant(vector, 0)
        cells = {}
        for (r, c), total in totals.items():
            cell = b.add(b.add(out_at, b.mul(ir.Constant(I64, r), out_stride)), ir.Constant(I64, c * LANES))
            cells[r, c] = b.add(cell, lane)
            b.store(b.select(add, _load(b, po, cells[r, c], vector), zero), total)
        x_starts = {r: b.add(x_at, b.mul(ir.Constant(I64, r), x_stride)) for r in rows}
        y_start = b.add(y_at, lane)
        with cgutils.for_range(b, n_words, intp=I64) as word_loop:
            at = b.add(y_start, b.mul(word_loop.index, y_stride))
            vectors = {c: _load(b, py, b.add(at, ir.Constant(I64, c * LANES)), vector) for c in columns}
            for r in rows:
                word = _splat(b, b.load(b.gep(px, [b.add(x_starts[r], word_loop.index)])), kind.lanes)
                for c in columns:
                    b.store(kind.multiply_add(b, b.load(totals[r, c]), word, vectors[c]), totals[r, c])
        for at_cell, total in totals.items():
            _store(b, b.load(total), po, cells[at_cell])

    def codegen(context, b, signature, args):
        kind = _instructions(context)
        pointers = tuple(_data(context, b, signature, args, i) for i in (0, 3, 9))
        starts, strides = (args[1], args[4], args[10]), (args[2], args[5], args[11])
        rows_at_once = max(1, min(n_rows, kind.accumulators // n_columns))
        columns_at_once = min(n_columns, kind.accumulators)
        for half in range(LANES // kind.lanes):
            for r in range(0, n_rows, rows_at_once):
                for c in range(0, n_columns, columns_at_once):
                    rows = range(r, min(r + rows_at_once, n_rows))
                    columns = range(c, min(c + columns_at_once, n_columns))
                    run(context, b, kind, pointers, starts, strides, args[6], args[12], rows, columns, half)

    i64 = types.int64
    return types.void(x, i64, i64, y, i64, i64, i64, row_planes, column_planes, out, i64, i64, types.boolean), codegen


@intrinsic
def count_bits(typing_context, x, x_at, x_stride, y, y_at, y_stride, n_words, row_planes, out, out_at, out_stride, add):
    """Joint counts of hard bins: the number of samples that are in one bin of the row and one of the column gene.

    Arguments as `count_weights`, but x and y are uint64 with the bits of 64 samples, and there is one plane of the
    column genes.
    """
    n_rows = row_planes.ndim

    def codegen(context, b, signature, args):
        lanes = LANES // 2
        vector, words = ir.VectorType(I64, lanes), ir.VectorType(I32, lanes)
        px, py, po = (_data(context, b, signature, args, i) for i in (0, 3, 8))
        ones = _function(b, f"llvm.ctpop.v{lanes}i64", vector, [vector])
        x_starts = [b.add(args[1], b.mul(ir.Constant(I64, r), args[2])) for r in range(n_rows)]
        halves = [ir.Constant(I64, half * lanes) for half in range(2)]
        zero = _constant(vector, 0)
        totals, cells = {}, {}
        for r in range(n_rows):
            for half in range(2):
                cells[r, half] = b.add(b.add(args[9], b.mul(ir.Constant(I64, r), args[10])), halves[half])
                totals[r, half] = cgutils.alloca_once(b, vector)
                before = b.zext(_load(b, po, cells[r, half], words), vector)
                b.store(b.select(args[11], before, zero), totals[r, half])
        with cgutils.for_range(b, args[6], intp=I64) as word_loop:
            at = b.add(args[4], b.mul(word_loop.index, args[5]))
            columns = [_load(b, py, b.add(at, half), vector, align=8) for half in halves]
            for r in range(n_rows):
                word = _splat(b, b.load(b.gep(px, [b.add(x_starts[r], word_loop.index)])), lanes)
                for half in range(2):
                    both = b.call(ones, [b.and_(word, columns[half])])
                    b.store(b.add(b.load(totals[r, half]), both), totals[r, half])
        for cell, total in totals.items():
            _store(b, b.trunc(b.load(total), words), po, cells[cell])

    i64 = types.int64
    return types.void(x, i64, i64, y, i64, i64, i64, row_planes, out, i64, i64, types.boolean), codegen


def outer_lanes(n_planes: int) -> int:
    """Number of cells of a gene in which `add_products` keeps joint counts: n_planes**2 in whole vectors."""
    width = 16 if n_planes <= 4 else 32
    return -(-n_planes * n_planes // width) * width


@intrinsic
def add_products(typing_context, genes, excess, first, last, x, planes, out):
    """Add the products of a row gene's weights in one sample with those of other genes to their joint counts.

    genes: int32; excess: int8, n_planes for each gene of the list, with as many bytes behind the last; first, last: the
    part of both lists that counts. x: int16, weight a of the row gene in cell a * n_planes + b, 0 in cells beyond.
    planes: array whose number of dimensions is n_planes. out: int32, `outer_lanes` cells for each gene, added to.
    """
    n_planes = planes.ndim
    n_cells = outer_lanes(n_planes)
    width = 16 if n_planes <= 4 else 32
    loaded = 1 << (n_planes - 1).bit_length()

    def codegen(context, b, signature, args):
        pg, pe, px, po = (_data(context, b, signature, args, i) for i in (0, 1, 4, 6))
        small, words = ir.VectorType(I8, loaded), ir.VectorType(I16, width)
        starts = range(0, n_cells, width)
        own = [_load(b, px, ir.Constant(I64, start), words, align=2) for start in starts]
        with cgutils.for_range_slice(b, args[2], args[3], ir.Constant(I64, 1), intp=I64) as (entry, _):
            y = _load(b, pe, b.mul(entry, ir.Constant(I64, n_planes)), small, align=1)
            y = b.sext(y, ir.VectorType(I16, loaded))
            gene = b.sext(b.load(b.gep(pg, [entry])), I64)
            base = b.mul(gene, ir.Constant(I64, n_cells))
            for start, weights in zip(starts, own, strict=True):
                places = [(start + cell) % n_planes for cell in range(width)]
                pattern = ir.Constant(ir.VectorType(I32, width), places)
                products = b.mul(b.shuffle_vector(y, ir.Constant(y.type, ir.Undefined), pattern), weights)
                for half in range(0, width, LANES):
                    part = ir.Constant(ir.VectorType(I32, LANES), list(range(half, half + LANES)))
                    lanes = b.shuffle_vector(products, ir.Constant(words, ir.Undefined), part)
                    cell = b.add(base, ir.Constant(I64, start + half))
                    total = b.add(
                        _load(b, po, cell, ir.VectorType(I32, LANES)), b.sext(lanes, ir.VectorType(I32, LANES))
                    )
                    _store(b, total, po, cell)

    i64 = types.int64
    return types.void(genes, excess, i64, i64, x, planes, out), codegen


@intrinsic
def lowest_bit(typing_context, mask):
    """Position of the lowest bit that is set in a mask, an int32 or uint64 that is not 0."""

    def codegen(context, b, signature, args):
        place = b.cttz(args[0], ir.Constant(ir.IntType(1), 1))
        return b.zext(place, I64) if place.type.width < 64 else place

    return types.int64(mask), codegen


@intrinsic
def compare_bytes(typing_context, need, need_at, found, found_at, limit):
    """Compare 64 pairs of bytes: where min(found, limit) >= need, and where need <= limit.

    need, found: uint8, 64 bytes from need_at and found_at on; limit: uint8. Returns two uint64 masks.
    """

    def codegen(context, b, signature, args):
        vector = ir.VectorType(I8, 64)

        def load(i: int) -> Any:
            pointer = _data(context, b, signature, args, i)
            return b.load(b.bitcast(b.gep(pointer, [args[i + 1]]), vector.as_pointer()), align=1)

        needed, values, limits = load(0), load(2), _splat(b, args[4], 64)
        bounded = b.select(b.icmp_unsigned("<", values, limits), values, limits)
        reached = b.bitcast(b.icmp_unsigned(">=", bounded, needed), I64)
        open_still = b.bitcast(b.icmp_unsigned("<=", needed, limits), I64)
        return context.make_tuple(b, signature.return_type, (reached, open_still))

    i64 = types.int64
    return types.UniTuple(types.uint64, 2)(need, i64, found, i64, types.uint8), codegen


@intrinsic
def add_multiples(typing_context, samples, values, first, last, start, lanes, sums, at):
    """Add the products of a gene's values with those of 16 genes in the same samples to 16 sums, sample by sample.

    samples: int32, values: float64, those of the gene, of which first to last count; lanes: float64 (n, 16), values of
    the 16 genes in the samples from `start` on; sums: float64 (n_sums, 16), of which row `at` is added to.
    """

    def codegen(context, b, signature, args):
        ps, pv, pl, po = (_data(context, b, signature, args, i) for i in (0, 1, 5, 6))
        vector = ir.VectorType(F64, LANES)
        row = b.mul(args[7], ir.Constant(I64, LANES))
        total = cgutils.alloca_once_value(b, _load(b, po, row, vector, align=8))
        with cgutils.for_range_slice(b, args[2], args[3], ir.Constant(I64, 1), intp=I64) as (entry, _):
            sample = b.sub(b.sext(b.load(b.gep(ps, [entry])), I64), args[4])
            others = _load(b, pl, b.mul(sample, ir.Constant(I64, LANES)), vector, align=8)
            own = _splat(b, b.load(b.gep(pv, [entry])), LANES)
            b.store(b.fadd(b.load(total), b.fmul(own, others)), total)
        b.store(b.load(total), b.bitcast(b.gep(po, [row]), vector.as_pointer()), align=8)

    i64 = types.int64
    return types.void(samples, values, i64, i64, i64, lanes, sums, i64), codegen


@intrinsic
def lane_products(typing_context, x, y, n, sums):
    """Sum of products of two rows in eight partial sums, of every eighth value each.

    x, y: float64, n of whose values count, a multiple of 8; sums: float64 (8,), overwritten.
    """

    def codegen(context, b, signature, args):
        px, py, po = (_data(context, b, signature, args, i) for i in (0, 1, 3))
        vector = ir.VectorType(F64, 8)
        total = cgutils.alloca_once_value(b, _constant(vector, 0.0))
        with cgutils.for_range_slice(b, ir.Constant(I64, 0), args[2], ir.Constant(I64, 8), intp=I64) as (at, _):
            products = b.fmul(_load(b, px, at, vector, align=8), _load(b, py, at, vector, align=8))
            b.store(b.fadd(b.load(total), products), total)
        b.store(b.load(total), b.bitcast(po, vector.as_pointer()), align=8)

    return types.void(x, y, types.int64, sums), codegen
