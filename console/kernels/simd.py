"""Four or eight float64 numbers as one value inside numba code.

numba has no vector type, and its automatic vectorisation does not keep a recursion's state in registers. `Vec4` and
`Vec8` give compiled functions just what the kernels need: load and store (float32 arrays are widened and rounded on
the way), splat, `+ - * /` with each other and with numbers (contracted to fused multiply-add), single lanes, minimum,
maximum, magnitude, choices, log and exp. Eight lanes are two registers of four side by side: long chains of
dependent operations then cost half as much.
"""

import math
import operator
import struct

from llvmlite import ir
from numba import njit, types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

__all__ = [
    "LANES",
    "Vec",
    "exp",
    "fused",
    "lane",
    "load",
    "load8",
    "log",
    "magnitude",
    "maximum",
    "minimum",
    "splat",
    "splat8",
    "store",
    "transpose",
    "where_above",
    "with_lane",
    "with_sign",
]

LANES = 4
"""Lanes of `load` and `splat`; `load8` and `splat8` make twice as many."""

_DOUBLE = ir.DoubleType()


class Vec(types.Type):
    """The numba type of some float64 lanes."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        super().__init__(name=f"Vec{lanes}")

    @property
    def vector(self) -> ir.VectorType:
        return ir.VectorType(_DOUBLE, self.lanes)

    @property
    def bits(self) -> ir.VectorType:
        return ir.VectorType(ir.IntType(64), self.lanes)


vec4, vec8 = Vec(LANES), Vec(2 * LANES)


@register_model(Vec)
class _VecModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, fe_type.vector)


def _spread(builder, kind, value):
    vector = ir.Constant(kind.vector, ir.Undefined)
    for index in range(kind.lanes):
        vector = builder.insert_element(vector, value, ir.Constant(ir.IntType(32), index))
    return vector


def _operation(function, build):
    class Template(AbstractTemplate):
        key = function

        def generic(self, args, kws):
            vectors = [arg for arg in args if isinstance(arg, Vec)]
            if len(args) != 2 or kws or not vectors:
                return None
            if all(arg in (vectors[0], types.float64) for arg in args):
                return signature(vectors[0], *args)
            return None

    infer_global(function)(Template)

    def lower(context, builder, sig, args):
        kind = sig.return_type
        one, other = (
            value if isinstance(given, Vec) else _spread(builder, kind, value)
            for given, value in zip(sig.args, args, strict=True)
        )
        return getattr(builder, build)(one, other, flags=("contract", "nsz"))

    for pair in ((Vec, Vec), (Vec, types.Float), (types.Float, Vec)):
        lower_builtin(function, *pair)(lower)


_operation(operator.add, "fadd")
_operation(operator.sub, "fsub")
_operation(operator.mul, "fmul")
_operation(operator.truediv, "fdiv")


def _address(context, builder, array_type, array, index, lanes):
    """Return a pointer to the lanes at index, and the vector type they are stored as."""
    data = context.make_array(array_type)(context, builder, array).data
    stored = ir.VectorType(context.get_data_type(array_type.dtype), lanes)
    return builder.bitcast(builder.gep(data, [index]), ir.PointerType(stored)), stored


def _loader(kind):
    @intrinsic
    def load(typingctx, array, index):
        """Return the numbers from array[index] on, of a contiguous 1-D array; the index is not checked."""

        def build(context, builder, sig, args):
            address, stored = _address(context, builder, sig.args[0], *args, kind.lanes)
            value = builder.load(address, align=sig.args[0].dtype.bitwidth // 8, typ=stored)
            return value if stored == kind.vector else builder.fpext(value, kind.vector)

        return kind(array, types.intp), build

    return load


load, load8 = _loader(vec4), _loader(vec8)


@intrinsic
def store(typingctx, array, index, value):
    """Write all lanes to array[index] and on, of a contiguous 1-D array; the index is not checked."""

    def build(context, builder, sig, args):
        kind = sig.args[2]
        address, stored = _address(context, builder, sig.args[0], args[0], args[1], kind.lanes)
        vector = args[2] if stored == kind.vector else builder.fptrunc(args[2], stored)
        builder.store(vector, address, align=sig.args[0].dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), build


def _splatter(kind):
    @intrinsic
    def splat(typingctx, value):
        """Return one float64 in every lane."""

        def build(context, builder, sig, args):
            return _spread(builder, kind, args[0])

        return kind(types.float64), build

    return splat


splat, splat8 = _splatter(vec4), _splatter(vec8)


@intrinsic(prefer_literal=True)
def lane(typingctx, value, index):
    """Return one lane; the index is a literal."""
    if not isinstance(index, types.IntegerLiteral):
        return None
    at = ir.Constant(ir.IntType(32), index.literal_value)

    def build(context, builder, sig, args):
        return builder.extract_element(args[0], at)

    return types.float64(value, index), build


@intrinsic(prefer_literal=True)
def with_lane(typingctx, value, index, number):
    """Return the lanes with one replaced; the index is a literal."""
    if not isinstance(index, types.IntegerLiteral):
        return None
    at = ir.Constant(ir.IntType(32), index.literal_value)

    def build(context, builder, sig, args):
        return builder.insert_element(args[0], args[2], at)

    return value(value, index, types.float64), build


@intrinsic
def fused(typingctx, a, b, c):
    """Return a * b + c of float64 scalars, rounded once where the machine can; never regrouped."""

    def build(context, builder, sig, args):
        kind = ir.FunctionType(_DOUBLE, [_DOUBLE] * 3)
        return builder.call(builder.module.declare_intrinsic("llvm.fmuladd", [_DOUBLE], kind), args)

    return types.float64(types.float64, types.float64, types.float64), build


@intrinsic
def transpose(typingctx, a, b, c, d):
    """Return the four columns of four rows of four."""

    def build(context, builder, sig, args):
        def shuffle(one, other, *lanes):
            mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), list(lanes))
            return builder.shuffle_vector(one, other, mask)

        a, b, c, d = args
        low, high = shuffle(a, b, 0, 4, 2, 6), shuffle(a, b, 1, 5, 3, 7)
        low2, high2 = shuffle(c, d, 0, 4, 2, 6), shuffle(c, d, 1, 5, 3, 7)
        columns = [
            shuffle(low, low2, 0, 1, 4, 5),
            shuffle(high, high2, 0, 1, 4, 5),
            shuffle(low, low2, 2, 3, 6, 7),
            shuffle(high, high2, 2, 3, 6, 7),
        ]
        return context.make_tuple(builder, sig.return_type, columns)

    return types.UniTuple(vec4, 4)(a, b, c, d), build


def _constant(kind, bits):
    return ir.Constant(kind.bits, [bits] * kind.lanes)


_SIGN_BIT = 1 << 63


@intrinsic
def magnitude(typingctx, value):
    """Return the absolute values."""

    def build(context, builder, sig, args):
        bits = builder.bitcast(args[0], value.bits)
        return builder.bitcast(builder.and_(bits, _constant(value, _SIGN_BIT - 1)), value.vector)

    return value(value), build


@intrinsic
def with_sign(typingctx, value, sign):
    """Return the lanes, each multiplied by the sign of another."""

    def build(context, builder, sig, args):
        flips = builder.and_(builder.bitcast(args[1], value.bits), _constant(value, _SIGN_BIT))
        return builder.bitcast(builder.xor(builder.bitcast(args[0], value.bits), flips), value.vector)

    return value(value, sign), build


@intrinsic
def where_above(typingctx, one, other, above, otherwise):
    """Return, lane by lane, above where one > other, else otherwise."""

    def build(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered(">", args[0], args[1]), args[2], args[3])

    return above(one, other, above, otherwise), build


def _choice(comparison):
    @intrinsic
    def choose(typingctx, one, other):
        def build(context, builder, sig, args):
            return builder.select(builder.fcmp_ordered(comparison, args[0], args[1]), args[0], args[1])

        return one(one, other), build

    return choose


maximum = _choice(">")
minimum = _choice("<")

_ONE_BITS = 1023 << 52
_SHIFT = _ONE_BITS - struct.unpack("<q", struct.pack("<d", math.sqrt(0.5)))[0]
_TWO_TO_52 = struct.unpack("<q", struct.pack("<d", 2.0**52))[0]


@intrinsic
def _mantissa_and_exponent(typingctx, value):
    """Split positive normal numbers into m in [sqrt(1/2), sqrt(2)) and e with value = m * 2**e."""

    def build(context, builder, sig, args):
        bits = builder.bitcast(args[0], value.bits)
        biased = builder.lshr(builder.add(bits, _constant(value, _SHIFT)), _constant(value, 52))
        raised = builder.sub(builder.shl(biased, _constant(value, 52)), _constant(value, _ONE_BITS))
        exponent = builder.fsub(
            builder.bitcast(builder.or_(biased, _constant(value, _TWO_TO_52)), value.vector),
            ir.Constant(value.vector, [2.0**52 + 1023.0] * value.lanes),
        )
        pair = [builder.bitcast(builder.sub(bits, raised), value.vector), exponent]
        return context.make_tuple(builder, sig.return_type, pair)

    return types.UniTuple(value, 2)(value), build


@intrinsic
def _power_of_two(typingctx, magic):
    """Return 2**i for integers i held in the low bits of i + 1.5 * 2**52."""

    def build(context, builder, sig, args):
        bits = builder.add(builder.bitcast(args[0], magic.bits), _constant(magic, 1023))
        return builder.bitcast(builder.shl(bits, _constant(magic, 52)), magic.vector)

    return magic(magic), build


# Minimax polynomials (mpmath.chebyfit): atanh(sqrt q) / sqrt q for q up to ((sqrt 2 - 1) / (sqrt 2 + 1))^2, and
# (e^f - 1) / f for f within half of log 2. Grouped in pairs: the wait for the last term is what costs.


@njit(cache=True, nogil=True, inline="always")
def log(value):
    """Return the natural logarithm of positive normal numbers (error below 2e-15 relative to 1)."""
    m, e = _mantissa_and_exponent(value)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    q2 = q * q
    high = (q * 0.08418829985340244 + 0.09060967215607607) * q2 + (q * 0.11111717273758953 + 0.14285708010553835)
    low = (q * 0.20000000030870807 + 0.3333333333327646) * q + 1.0
    series = high * (q2 * q) + low
    return e * math.log(2.0) + (s + s) * series


@njit(cache=True, nogil=True, inline="always")
def exp(value):
    """Return e to the power of numbers in -700..700 (relative error below 1e-13); exp(0) is exactly 1."""
    scaled = value * (1.0 / math.log(2.0))
    magic = scaled + 1.5 * 2.0**52
    f = (scaled - (magic - 1.5 * 2.0**52)) * math.log(2.0)
    f2 = f * f
    f4 = f2 * f2
    low = (f * 0.16666666666648303 + 0.49999999999797934) * f2 + (f + 1.0)
    high = (f * 0.008333333353717156 + 0.041666666890957) + (f * 0.0001984120875699232 + 0.0013888821677630362) * f2
    series = low + high * f4 + (f * 2.7625102005388108e-06 + 2.4876164022625967e-05) * (f4 * f4)
    return series * _power_of_two(magic)
