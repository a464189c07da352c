"""The kernels: one file each, one signature, one order of operations, no MPI.

A kernel adds up blocks of the midpoint rule's terms 4 / (1 + x^2)::

    block_sums(intervals, first, last, sums)

    intervals  N, of the whole interval [0, 1]; interval i has the midpoint x = (i + 0.5) / N
    first      of the blocks to add up; block b has the intervals from b BLOCK on,
    last       and `last` is the one after them; the last of all may be short
    sums       (last - first,) float64 array in host memory; overwritten

What costs is the division. So two neighbours share one,

    4 / p + 4 / q = 4 (p + q) / (p q)    where p = 1 + x^2, q = 1 + y^2

and the pairs of a block go to LANES lanes in turn, each with a sum of its own: lanes
do not wait for each other, so a compiler may compute several at once without leave to
reorder anything. A lane's sum s is compensated: its rounding errors are added up in c,

    t = s + f,  c = c + (f - (t - s)),  s = t

which finds the error exactly where s >= f, and terms fall from left to right; in a lane
still empty, t is f. At the end the upper half of the lanes is added to the lower in the
same way, until one is left; then comes the interval that has no neighbour, if their
number is odd.

Every kernel does this in the same order, without fused multiply-adds, so that all give
the same bits.
Source: Dekker, A floating-point technique for extending the available precision,
Numerische Mathematik 18 (1971), for the error of a sum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from hpcpy_core.errors import InputError

__all__ = ["BLOCK", "KERNELS", "LANES", "BlockSums", "Kernel", "find_kernel"]

BLOCK = 1 << 16
"""Intervals of a block."""

LANES = 512
"""Sums of a block that grow side by side: with their errors and offsets they take 12 KiB."""

BlockSums = Callable[[int, int, int, npt.NDArray[np.float64]], None]


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """A way to add up blocks: where it is, and what it needs beyond NumPy."""

    name: str
    module: str
    needs: str | None = None
    install: str | None = None

    @property
    def installed(self) -> bool:
        """Whether what it needs can be imported; a GPU may still be missing."""
        return self.needs is None or find_spec(self.needs) is not None

    def load(self) -> BlockSums:
        """Import the kernel. Local; may compile on its first call, not here."""
        block_sums: BlockSums = import_module(f"{__name__}.{self.module}").block_sums
        return block_sums


KERNELS = {
    kernel.name: kernel
    for kernel in (
        Kernel(name="numpy", module="numpy_block"),
        Kernel(
            name="numba",
            module="numba_block",
            needs="numba",
            install="pip install --upgrade numba",
        ),
        Kernel(
            name="cupy",
            module="cupy_block",
            needs="cupy",
            install="pip install cupy-cuda13x, or the one for your CUDA",
        ),
    )
}


def find_kernel(name: str) -> Kernel:
    """Return the kernel of that name. Local.

    Raises
    ------
    InputError
        If there is none of that name, or what it needs is not installed.
    """
    if name not in KERNELS:
        raise InputError(f"unknown kernel {name!r}: choose one of {', '.join(KERNELS)}")
    kernel = KERNELS[name]
    if not kernel.installed:
        raise InputError(
            f"kernel {name} needs {kernel.needs}, which is not installed: {kernel.install}"
        )
    return kernel
