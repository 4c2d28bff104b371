"""Four float64 numbers as one value inside numba code.

numba has no vector type, and its automatic vectorisation does not keep a recursion's state in registers. `Vec4`
gives compiled functions just what the kernels need: load, store, splat, `+ - * /` (contracted to fused
multiply-add), minimum, maximum, log and exp, so that four lanes cost what one does.
"""

import math
import operator
import struct

from llvmlite import ir
from numba import njit, types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

__all__ = ["LANES", "exp", "load", "log", "maximum", "minimum", "splat", "store"]

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
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), ir.PointerType(_VECTOR))


@intrinsic
def load(typingctx, array, index):
    """Return the four float64 at array[index : index + 4] of a contiguous 1-D array."""

    def build(context, builder, sig, args):
        return builder.load(_address(context, builder, sig.args[0], *args), align=8, typ=_VECTOR)

    return vec4(array, types.intp), build


@intrinsic
def store(typingctx, array, index, value):
    """Write four lanes to array[index : index + 4] of a contiguous float64 1-D array."""

    def build(context, builder, sig, args):
        builder.store(args[2], _address(context, builder, sig.args[0], args[0], args[1]), align=8)
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
