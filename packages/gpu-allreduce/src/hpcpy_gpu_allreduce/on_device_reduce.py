"""Reduce several arrays of a GPU in one pass: kernels/reduce_many.cu, compiled and launched.

`launch_reduce` is the one thing that tests without a GPU put something else in place of.
"""

import functools
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "MOST_INPUTS",
    "PACK",
    "compile_options",
    "launch_reduce",
    "pack_addresses",
    "plan_launch",
]

MOST_INPUTS = 16
"""Each needs 16 bytes of registers in every thread."""
PACK = 16
"""Bytes that a thread reads and writes at once, if all addresses are multiples of it."""
THREADS = 256
"""In a block, as the kernel is compiled for."""
BLOCKS = 8
"""On a multiprocessor: 2048 threads, which is all that it holds."""


def launch_reduce(
    inputs: Sequence[int],
    outputs: Sequence[int],
    count: int,
    dtype: np.dtype[np.generic],
    operation: str,
    stream: int,
) -> None:
    """Reduce arrays of the current device, in a stream. Local; the work is not waited for.

    The items are combined in the order of `inputs`, one after the other, so the result is the
    same bits each time.

    Parameters
    ----------
    inputs, outputs
        Addresses of device memory, of at most `MOST_INPUTS` arrays. What is written to may be
        what is read, but not a part of it that is shifted.
    count
        Of items in each.
    dtype
        Of the items.
    operation
        ``sum``, ``prod``, ``min`` or ``max``.
    stream
        Its handle, as the arrays' ``__cuda_array_interface__`` tells it.
    """
    import cupy

    kernel = _compile(dtype.name, operation, len(inputs), len(outputs))
    blocks, packs = plan_launch([*inputs, *outputs], count, dtype.itemsize, _multiprocessors())
    structs = (pack_addresses(inputs), pack_addresses(outputs))
    with cupy.cuda.ExternalStream(stream):
        kernel((blocks,), (THREADS,), (*structs, np.uint64(count), np.uint64(packs)))


def pack_addresses(addresses: Sequence[int]) -> npt.NDArray[np.void]:
    """Return addresses as the struct that the kernel takes. Local.

    CuPy passes an array of NumPy by value if it has one item: here a struct of them all.
    """
    return np.array((tuple(addresses),), [("at", np.uint64, (len(addresses),))])


def plan_launch(
    addresses: Sequence[int], count: int, itemsize: int, multiprocessors: int
) -> tuple[int, int]:
    """Return how many blocks to launch, and how many packs to read as such. Local.

    Parameters
    ----------
    addresses
        Of all that is read and written; one that is no multiple of `PACK` makes all of the
        packs items.
    count, itemsize
        Of the items, at least one, and the bytes of each.
    multiprocessors
        Of the device.
    """
    aligned = not any(address % PACK for address in addresses)
    packs = count * itemsize // PACK if aligned else 0
    rest = count - packs * PACK // itemsize
    needed = -(-max(packs, rest) // THREADS)
    return min(needed, BLOCKS * multiprocessors), packs


def compile_options(dtype: str, operation: str, inputs: int, outputs: int) -> tuple[str, ...]:
    """Return the compiler's options for one case. Local."""
    return (
        *(f"-DITEM={dtype}", f"-DOPERATION={operation}"),
        *(f"-DINPUTS={inputs}", f"-DOUTPUTS={outputs}"),
        "-fmad=false",  # a product and a sum are rounded each, as NumPy's; memory is the bound
    )


@functools.cache
def _compile(dtype: str, operation: str, inputs: int, outputs: int) -> Any:  # noqa: ANN401 - CuPy's
    """Return the kernel; CuPy keeps what it has compiled on disk, too."""
    import cupy

    source = files(__package__).joinpath("kernels", "reduce_many.cu").read_text()
    options = compile_options(dtype, operation, inputs, outputs)
    return cupy.RawModule(code=source, options=options).get_function("reduce_many")


@functools.cache
def _multiprocessors() -> int:
    import cupy

    count: int = cupy.cuda.Device().attributes["MultiProcessorCount"]
    return count
