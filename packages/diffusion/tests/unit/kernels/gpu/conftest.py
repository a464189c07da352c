"""An emulated GPU for the kernels here, and what their results are compared with."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from hpcpy_diffusion.kernels.gpu.sweep import PITCH, Region, Sweep
from hpcpy_diffusion.kernels.numpy_slices import step
from hpcpy_testing.emulated_cupy import EmulatedCupy, guarded, install_emulated_cupy

Field = npt.NDArray[np.floating]
March = Callable[[Field, float, int], Field]
R = 0.21


@pytest.fixture
def cupy(monkeypatch: pytest.MonkeyPatch) -> EmulatedCupy:
    return install_emulated_cupy(monkeypatch)


@pytest.fixture
def march() -> March:
    """Take steps one by one on the host; the rim stays."""

    def run(start: Field, r: float, steps: int) -> Field:
        u, out = start.copy(), start.copy()
        for _ in range(steps):
            step(u, out, r)
            u, out = out, u
        return u

    return run


@pytest.fixture
def check(cupy: EmulatedCupy, march: March) -> Callable[..., None]:
    """Compare a sweep of a region, by default of all, with single steps on the host, bit by bit.

    Each launch runs its threads in another order. What lies around and between the rows is NaN,
    and may not be written; `gap` bytes more of it lie between those of `out`.
    """

    def run(
        sweep: Sweep,
        shape: tuple[int, int],
        steps: int,
        *,
        dtype: npt.DTypeLike = np.float64,
        region: Region | None = None,
        gap: int = 0,
    ) -> None:
        region = region or Region(first=(1, 1), last=(shape[0] - 1, shape[1] - 1))
        start, expected = np.random.default_rng(shape).standard_normal((2, *shape)).astype(dtype)
        pitch = -(-start[0].nbytes // PITCH) * PITCH
        u, out = guarded(shape, dtype, pitch=pitch), guarded(shape, dtype, pitch=pitch + gap)
        u.set(start)
        out.set(expected)
        sweep(u, out, R, region, steps)
        cupy.cuda.get_current_stream().synchronize()
        inside = tuple(map(slice, region.first, region.last))
        expected[inside] = march(start, R, steps)[inside]
        np.testing.assert_array_equal(out.get(), expected)
        np.testing.assert_array_equal(u.get(), start)

    return run
