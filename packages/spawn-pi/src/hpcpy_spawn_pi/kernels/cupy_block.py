"""Kernel ``cupy``: a block of threads for a block of intervals, a thread for a lane.

``--fmad=false`` forbids fused multiply-adds, so that a GPU gives the bits of a CPU.
"""

from functools import cache
from typing import TYPE_CHECKING

import cupy
import numpy as np
import numpy.typing as npt

from hpcpy_spawn_pi.kernels import BLOCK, LANES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["SOURCE", "block_sums"]

SOURCE = """
extern "C" __global__ void block_sums(long long intervals, long long first, double *sums)
{
    __shared__ double s[LANES], c[LANES], x0[ROWS], y0[ROWS];
    const int j = threadIdx.x;
    const long long start = (first + blockIdx.x) * BLOCK;
    const int size = intervals - start < BLOCK ? intervals - start : BLOCK;
    if (j < ROWS) { /* a division for a row, not for each of its pairs */
        x0[j] = (start + 2LL * LANES * j + 0.5) / intervals;
        y0[j] = (start + 2LL * LANES * j + 1.5) / intervals;
    }
    __syncthreads();
    const double offset = 2.0 * j / intervals;
    double sum = 0.0, error = 0.0;
    for (int row = 0; row * LANES + j < size / 2; row++) {
        double x = x0[row] + offset, y = y0[row] + offset;
        double p = 1.0 + x * x, q = 1.0 + y * y;
        double f = 4.0 * (p + q) / (p * q);
        double t = sum + f;
        error += f - (t - sum);
        sum = t;
    }
    s[j] = sum;
    c[j] = error;
    for (int half = LANES / 2; half; half /= 2) {
        __syncthreads();
        if (j < half) {
            double f = s[half + j];
            double t = s[j] + f;
            c[j] += c[half + j] + (f - (t - s[j]));
            s[j] = t;
        }
    }
    if (j == 0) { /* the same thread wrote s[0] and c[0] */
        if (size % 2) {
            double x = (start + size - 0.5) / intervals;
            double f = 4.0 / (1.0 + x * x);
            double t = s[0] + f;
            c[0] += f - (t - s[0]);
            s[0] = t;
        }
        sums[blockIdx.x] = s[0] + c[0];
    }
}
"""


def block_sums(intervals: int, first: int, last: int, sums: npt.NDArray[np.float64]) -> None:
    """Add up blocks; see `hpcpy_spawn_pi.kernels`. Compiles at the first call."""
    found = cupy.empty(last - first)
    _compile()((last - first,), (LANES,), (np.int64(intervals), np.int64(first), found))
    found.get(out=sums)  # waits for the stream


@cache
def _compile() -> "Callable[..., Any]":
    sizes = {"BLOCK": BLOCK, "LANES": LANES, "ROWS": BLOCK // (2 * LANES)}
    options = ("--fmad=false", *(f"-D{name}={size}" for name, size in sizes.items()))
    kernel: Callable[..., Any] = cupy.RawKernel(SOURCE, "block_sums", options=options)
    return kernel
