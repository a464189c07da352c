"""Compile the C functions that the kernels are compared with. Starts no MPI."""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from hpcpy_core.tools import run_tool
from hpcpy_spawn_pi.kernels import BLOCK, LANES, BlockSums

__all__ = ["compile_c"]

SOURCE = Path(__file__).with_name("quadrature.c")
OPTIONS = ("-O3", "-march=native", "-shared", "-fPIC", f"-DBLOCK={BLOCK}", f"-DLANES={LANES}")
SECONDS = 60
"""After which the compiler is ended; it takes less than one."""


def compile_c(compiler: Sequence[str], function: str, options: Sequence[str] = ()) -> BlockSums:
    """Return a function of quadrature.c as a kernel. Local.

    Parameters
    ----------
    compiler
        Its command.
    function
        ``block_sums`` or ``simple_sums``.
    options
        For the compiler, beside ``-O3 -march=native``.

    Raises
    ------
    HpcpyError
        If the compiler fails.
    """
    with TemporaryDirectory(prefix="hpcpy-yardstick-") as folder:
        library = str(Path(folder, "quadrature.so"))
        run_tool([*compiler, *OPTIONS, *options, str(SOURCE), "-o", library], SECONDS)
        call = getattr(ctypes.CDLL(library), function)
    double_array = np.ctypeslib.ndpointer(np.float64, ndim=1, flags="C_CONTIGUOUS")
    call.argtypes = [ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, double_array]
    call.restype = None

    def kernel(intervals: int, first: int, last: int, sums: npt.NDArray[np.float64]) -> None:
        call(intervals, first, last, sums)

    return kernel
