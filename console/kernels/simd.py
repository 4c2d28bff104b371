"""Four float64 numbers as one value inside numba code.

numba has no vector type, and its automatic vectorisation does not keep a recursion's state in registers. `Vec4`
gives compiled functions just what the kernels need: load and store (float32 arrays are widened and rounded on the
way), splat, join, lane, `+ - * /` (contracted to fused multiply-add), minimum, maximum, magnitude, choices, log and
exp, so that four lanes cost what one does.
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
    "exp",
    "fused",
    "join",
    "lane",
    "load",
    "log",
    "magnitude",
    "maximum",
    "minimum",
    "splat",
    "store",
    "total",
    "where_above",
    "with_sign",
]

LANES = 4

_VECTOR = ir.VectorType(ir.DoubleType(), LANES)


class Vec4Type(types.Type):
    """The numba type of four float64 lanes."""

    def __init__(self) -> None:
        super().__init__(name="Vec4")


vec4 = Vec4Type()


@register_model(Vec4Type)
class _Vec4Model(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, _VECTOR)


def _operation(function, build):
    class Template(AbstractTemplate):
        key = function

        def generic(self, args, kws):
            if len(args) == 2 and all(isinstance(arg, Vec4Type) for arg in args) and not kws:
                return signature(vec4, vec4, vec4)
            return None

    infer_global(function)(Template)

    @lower_builtin(function, vec4, vec4)
    def _lower(context, builder, sig, args):
        return getattr(builder, build)(args[0], args[1], flags=("contract", "nsz"))


_operation(operator.add, "fadd")
_operation(operator.sub, "fsub")
_operation(operator.mul, "fmul")
_operation(operator.truediv, "fdiv")


def _address(context, builder, array_type, array, index):
    """Return a pointer to the four elements at index, and the vector type they are stored as."""
    data = context.make_array(array_type)(context, builder, array).data
    stored = ir.VectorType(context.get_data_type(array_type.dtype), LANES)
    return builder.bitcast(builder.gep(data, [index]), ir.PointerType(stored)), stored


@intrinsic
def load(typingctx, array, index):
    """Return the four numbers at array[index : index + 4] of a contiguous 1-D array; the index is not checked."""

    def build(context, builder, sig, args):
        address, stored = _address(context, builder, sig.args[0], *args)
        value = builder.load(address, align=sig.args[0].dtype.bitwidth // 8, typ=stored)
        return value if stored == _VECTOR else builder.fpext(value, _VECTOR)

    return vec4(array, types.intp), build


@intrinsic
def store(typingctx, array, index, value):
    """Write four lanes to array[index : index + 4] of a contiguous 1-D array; the index is not checked."""

    def build(context, builder, sig, args):
        address, stored = _address(context, builder, sig.args[0], args[0], args[1])
        value = args[2] if stored == _VECTOR else builder.fptrunc(args[2], stored)
        builder.store(value, address, align=sig.args[0].dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), build


@intrinsic
def splat(typingctx, value):
    """Return four lanes of one float64."""

    def build(context, builder, sig, args):
        vector = ir.Constant(_VECTOR, ir.Undefined)
        for lane in range(LANES):
            vector = builder.insert_element(vector, args[0], ir.Constant(ir.IntType(32), lane))
        return vector

    return vec4(types.float64), build


@intrinsic
def join(typingctx, first, second, third, fourth):
    """Return four float64 as lanes."""

    def build(context, builder, sig, args):
        vector = ir.Constant(_VECTOR, ir.Undefined)
        for index, value in enumerate(args):
            vector = builder.insert_element(vector, value, ir.Constant(ir.IntType(32), index))
        return vector

    return vec4(types.float64, types.float64, types.float64, types.float64), build


@intrinsic(prefer_literal=True)
def lane(typingctx, value, index):
    """Return one lane; the index is a literal."""
    if not isinstance(index, types.IntegerLiteral):
        return None
    at = index.literal_value

    def build(context, builder, sig, args):
        return builder.extract_element(args[0], ir.Constant(ir.IntType(32), at))

    return types.float64(value, index), build


@intrinsic
def fused(typingctx, a, b, c):
    """Return a * b + c of float64 scalars, rounded once where the machine can; never regrouped."""

    def build(context, builder, sig, args):
        double = ir.DoubleType()
        kind = ir.FunctionType(double, [double] * 3)
        return builder.call(builder.module.declare_intrinsic("llvm.fmuladd", [double], kind), args)

    return types.float64(types.float64, types.float64, types.float64), build


@intrinsic
def magnitude(typingctx, value):
    """Return the absolute values."""

    def build(context, builder, sig, args):
        bits = builder.bitcast(args[0], _BITS)
        return builder.bitcast(builder.and_(bits, _constant(_SIGN_BIT - 1)), _VECTOR)

    return vec4(value), build


@intrinsic
def with_sign(typingctx, value, sign):
    """Return the lanes, each multiplied by the sign of another."""

    def build(context, builder, sig, args):
        bits = builder.and_(builder.bitcast(args[1], _BITS), _constant(_SIGN_BIT))
        return builder.bitcast(builder.xor(builder.bitcast(args[0], _BITS), bits), _VECTOR)

    return vec4(value, sign), build


@intrinsic
def where_above(typingctx, one, other, above, otherwise):
    """Return, lane by lane, above where one > other, else otherwise."""

    def build(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered(">", args[0], args[1]), args[2], args[3])

    return vec4(one, other, above, otherwise), build


def _choice(comparison):
    @intrinsic
    def choose(typingctx, one, other):
        def build(context, builder, sig, args):
            return builder.select(builder.fcmp_ordered(comparison, args[0], args[1]), args[0], args[1])

        return vec4(one, other), build

    return choose


maximum = _choice(">")
minimum = _choice("<")

_BITS = ir.VectorType(ir.IntType(64), LANES)
_ONE_BITS = 1023 << 52
_SIGN_BIT = 1 << 63


def _constant(bits):
    return ir.Constant(_BITS, [bits] * LANES)


@intrinsic
def _mantissa_and_exponent(typingctx, value):
    """Split positive normal numbers into m in [sqrt(1/2), sqrt(2)) and e with value = m * 2**e."""
    shift = _ONE_BITS - struct.unpack("<q", struct.pack("<d", math.sqrt(0.5)))[0]
    two_to_52 = struct.unpack("<q", struct.pack("<d", 2.0**52))[0]

    def build(context, builder, sig, args):
        bits = builder.bitcast(args[0], _BITS)
        raised = builder.add(bits, _constant(shift))
        biased = builder.lshr(raised, _constant(52))
        mantissa = builder.sub(bits, builder.sub(builder.shl(biased, _constant(52)), _constant(_ONE_BITS)))
        exponent = builder.fsub(
            builder.bitcast(builder.or_(biased, _constant(two_to_52)), _VECTOR),
            ir.Constant(_VECTOR, [2.0**52 + 1023.0] * LANES),
        )
        pair = [builder.bitcast(mantissa, _VECTOR), exponent]
        return context.make_tuple(builder, sig.return_type, pair)

    return types.UniTuple(vec4, 2)(value), build


@intrinsic
def _power_of_two(typingctx, magic):
    """Return 2**i for integers i held in the low bits of i + 1.5 * 2**52."""

    def build(context, builder, sig, args):
        bits = builder.add(builder.bitcast(args[0], _BITS), _constant(1023))
        return builder.bitcast(builder.shl(bits, _constant(52)), _VECTOR)

    return vec4(magic), build


@njit(cache=True, nogil=True, inline="always")
def total(value):
    """Return the sum of the lanes."""
    return (lane(value, 0) + lane(value, 1)) + (lane(value, 2) + lane(value, 3))


@njit(cache=True, nogil=True, inline="always")
def log(value):
    """Return the natural logarithm of four positive normal numbers (error below 2e-15 relative to 1)."""
    m, e = _mantissa_and_exponent(value)
    s = (m - splat(1.0)) / (m + splat(1.0))
    q = s * s
    series = splat(1.0 / 17.0)
    series = series * q + splat(1.0 / 15.0)
    series = series * q + splat(1.0 / 13.0)
    series = series * q + splat(1.0 / 11.0)
    series = series * q + splat(1.0 / 9.0)
    series = series * q + splat(1.0 / 7.0)
    series = series * q + splat(1.0 / 5.0)
    series = series * q + splat(1.0 / 3.0)
    series = series * q + splat(1.0)
    return e * splat(math.log(2.0)) + splat(2.0) * s * series


@njit(cache=True, nogil=True, inline="always")
def exp(value):
    """Return e to the power of four numbers in -700..700 (relative error below 1e-14); exp(0) is exactly 1."""
    scaled = value * splat(1.0 / math.log(2.0))
    magic = scaled + splat(1.5 * 2.0**52)
    f = (scaled - (magic - splat(1.5 * 2.0**52))) * splat(math.log(2.0))
    series = splat(1.0 / 39916800.0)
    series = series * f + splat(1.0 / 3628800.0)
    series = series * f + splat(1.0 / 362880.0)
    series = series * f + splat(1.0 / 40320.0)
    series = series * f + splat(1.0 / 5040.0)
    series = series * f + splat(1.0 / 720.0)
    series = series * f + splat(1.0 / 120.0)
    series = series * f + splat(1.0 / 24.0)
    series = series * f + splat(1.0 / 6.0)
    series = series * f + splat(0.5)
    series = series * f + splat(1.0)
    series = series * f + splat(1.0)
    return series * _power_of_two(magic)
