"""The processor's vectors for compiled code: the arithmetic of up to 8 float64 at once.

Numba has no such type, but LLVM below it has. What is here generates LLVM's
instructions, one function each; they can be called only from compiled code.
"""
# ruff: noqa: ANN401 - what Numba and LLVM hand over has no types

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic, models, register_model

__all__ = [
    *("VECTOR_BYTES", "VectorType", "add", "fused_multiply_add", "lane_after", "lane_before"),
    *("load", "multiply", "pointer_to", "spread", "store", "store_zero"),
]

SHORTEST = 16
"""Bytes of the vectors that every processor has."""
LONGER = {"+avx512f": 64, "+avx": 32}
"""What processors say of themselves, and the bytes that their vectors have then."""


def _find_vector_bytes(features: str) -> int:
    """Return the bytes of the longest vectors. Longer ones would not stay in registers."""
    said = set(features.split(","))
    return next((size for feature, size in LONGER.items() if feature in said), SHORTEST)


VECTOR_BYTES = _find_vector_bytes(get_host_cpu_features())

Generator = Callable[[Any, Any, Any, Any], Any]
"""What emits the instructions: of the compiler's context, its builder, signature and arguments."""


class VectorType(types.Type):
    """Numba's type of a vector whose lanes are of the type `element`."""

    def __init__(self, element: Any) -> None:
        self.element = element
        self.lanes = VECTOR_BYTES * 8 // element.bitwidth
        super().__init__(f"Vector({element} x {self.lanes})")


@register_model(VectorType)
class VectorModel(models.PrimitiveModel):
    """How LLVM has it: as one of its own vectors."""

    def __init__(self, manager: Any, kind: VectorType) -> None:
        element = manager.lookup(kind.element).get_value_type()
        super().__init__(manager, kind, ir.VectorType(element, kind.lanes))


@intrinsic
def pointer_to(typing: Any, array: Any, at: Any) -> tuple[Any, Generator]:
    """Return the address of item `at` of a C-contiguous array. It holds no reference to it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.gep(data, [args[1]])

    return types.CPointer(array.dtype)(array, types.intp), generate


def _address(context: Any, builder: Any, pointer: Any, k: Any, kind: VectorType) -> Any:
    vectors = builder.bitcast(pointer, context.get_value_type(kind).as_pointer())
    return builder.gep(vectors, [k])


@intrinsic
def load(typing: Any, pointer: Any, k: Any) -> tuple[Any, Generator]:
    """Return vector k from `pointer` on."""
    kind = VectorType(pointer.dtype)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        value = builder.load(_address(context, builder, args[0], args[1], kind))
        value.align = pointer.dtype.bitwidth // 8  # unaligned rows are slower, not wrong
        return value

    return kind(pointer, types.intp), generate


@intrinsic
def store(typing: Any, pointer: Any, k: Any, vector: Any) -> tuple[Any, Generator]:
    """Write vector k from `pointer` on."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _address(context, builder, args[0], args[1], vector)
        builder.store(args[2], place).align = pointer.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(pointer, types.intp, vector), generate


@intrinsic
def store_zero(typing: Any, pointer: Any, k: Any, lane: Any) -> tuple[Any, Generator]:
    """Write 0 to one lane of vector k from `pointer` on."""
    lanes = VectorType(pointer.dtype).lanes

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        zero = ir.Constant(args[0].type.pointee, 0.0)
        item = builder.add(builder.mul(args[1], ir.Constant(args[1].type, lanes)), args[2])
        builder.store(zero, builder.gep(args[0], [item]))
        return context.get_dummy_value()

    return types.void(pointer, types.intp, types.intp), generate


@intrinsic
def spread(typing: Any, number: Any) -> tuple[Any, Generator]:
    """Return a vector that has the number in all of its lanes."""
    kind = VectorType(number)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(kind)
        first = ir.Constant(ir.IntType(32), 0)
        one = builder.insert_element(ir.Constant(vector, ir.Undefined), args[0], first)
        return _shuffle(builder, one, ir.Constant(vector, ir.Undefined), [0] * kind.lanes)

    return kind(number), generate


@intrinsic
def add(typing: Any, x: Any, y: Any) -> tuple[Any, Generator]:
    """Return x + y, lane by lane."""
    return x(x, y), lambda context, builder, signature, args: builder.fadd(*args)


@intrinsic
def multiply(typing: Any, x: Any, y: Any) -> tuple[Any, Generator]:
    """Return x y, lane by lane."""
    return x(x, y), lambda context, builder, signature, args: builder.fmul(*args)


@intrinsic
def fused_multiply_add(typing: Any, x: Any, y: Any, z: Any) -> tuple[Any, Generator]:
    """Return x y + z, rounded once, lane by lane."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = args[0].type
        kind = ir.FunctionType(vector, [vector] * 3)
        name = f"llvm.fma.v{x.lanes}f{x.element.bitwidth}"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)

    return x(x, y, z), generate


@intrinsic
def lane_before(typing: Any, x: Any) -> tuple[Any, Generator]:
    """Return a vector that has in every lane what x has in the lane before; 0 in the first."""
    order = [x.lanes, *range(x.lanes - 1)]
    return x(x), lambda context, builder, signature, args: _with_zero(builder, args[0], order)


@intrinsic
def lane_after(typing: Any, x: Any) -> tuple[Any, Generator]:
    """Return a vector that has in every lane what x has in the lane after; 0 in the last."""
    order = [*range(1, x.lanes), x.lanes]
    return x(x), lambda context, builder, signature, args: _with_zero(builder, args[0], order)


def _with_zero(builder: Any, x: Any, order: list[int]) -> Any:
    """Take lanes in a new order; from the number of lanes on they count in a vector of zeros."""
    return _shuffle(builder, x, ir.Constant(x.type, [0.0] * x.type.count), order)


def _shuffle(builder: Any, x: Any, y: Any, order: list[int]) -> Any:
    return builder.shuffle_vector(
        x, y, ir.Constant(ir.VectorType(ir.IntType(32), len(order)), order)
    )
