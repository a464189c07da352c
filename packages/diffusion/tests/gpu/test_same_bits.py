"""Whatever a run on GPUs is asked for, its field is that of NumPy on one CPU, to the last bit."""

import math

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion import plan_on_gpu, run
from hpcpy_diffusion.kernels import GPU_KERNELS
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

KERNELS = tuple(GPU_KERNELS)
CPUS = [(3, 10), (23, 17), (31, 13), (37, 40)]
"""Points a side and steps of the CPU's tests: odd, and smaller than a tile."""
LARGER = [(53, 200), (61, 500), (129, 77), (300, 301), (1031, 70), (1600, 3)]
"""Of several tiles, and of more steps than a record holds; for GPUs only."""


def grids(size):
    """Return all dims of two axes that make `size` ranks."""
    return [(p, size // p) for p in range(1, size + 1) if size % p == 0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_on_every_grid(comm, gpu, check, sized, rehearsed, kernel, dtype):
    for points, steps in CPUS[:2] if rehearsed else CPUS + LARGER:
        parameters = sized(points, steps, dtype=dtype, fourier=0.23)
        check(run(parameters, comm=comm, kernel=kernel, selection=gpu), f"{points} points")


@pytest.mark.parametrize("kernel", KERNELS)
def test_an_eigenmode_decays_by_its_exact_factor(comm, gpu, sized, rehearsed, kernel):
    points, steps = (15, 20) if rehearsed else (61, 500)
    parameters = sized(points, steps, initial="mode", fourier=0.1, D=3.0)
    field = run(parameters, comm=comm, kernel=kernel, selection=gpu).gather()
    if comm.rank == 0:
        x = np.sin(math.pi * np.arange(points + 2) / (points + 1))
        x[-1] = 0.0
        factor = 1 - 8 * 0.1 * math.sin(math.pi / (2 * (points + 1))) ** 2
        exact = np.multiply.outer(x, x) * factor**steps
        assert np.abs(field - exact).max() / exact.max() < 1e-12


@pytest.mark.parametrize("transport", ["staged", "direct"])
@pytest.mark.parametrize(
    ("exchange", "depth"), [("persistent", 1), ("persistent", 5), ("sendrecv", 3)]
)
@pytest.mark.parametrize("kernel", ["cupy-raw", "cupy-tiled", "cupy-resident"])
def test_any_halo_and_any_way(
    comm, choose, check, sized, rehearsed, kernel, exchange, depth, transport
):
    """Several ranks share the GPU, or have one each; 17 steps are no multiple of a depth."""
    for dims in grids(comm.size)[: 1 if rehearsed else None]:
        result = run(
            sized(23 if rehearsed else 157, 17),
            comm=comm,
            kernel=kernel,
            dims=dims,
            halo_depth=depth,
            exchange=exchange,
            selection=choose(transport),
        )
        used = (exchange, depth) if comm.size > 1 else ("none", 0)
        parallel_assert(comm, (result.exchange, result.halo_depth) == used, f"{result.plan}")
        check(result, transport)


@pytest.mark.parametrize(("kernel", "depth"), [("cupy-raw", 1), ("cupy-tiled", 4)])
def test_the_inside_is_computed_while_the_halo_is_on_its_way(
    comm, gpu, check, sized, monkeypatch, rehearsed, kernel, depth
):
    monkeypatch.setattr(plan_on_gpu, "OVERLAP", 1)
    for points in (29,) if rehearsed else (37, 301, 2049):
        for dims in grids(comm.size):
            result = run(
                sized(points, 22),
                comm=comm,
                kernel=kernel,
                dims=dims,
                halo_depth=depth,
                selection=gpu,
            )
            parallel_assert(comm, result.plan.overlap == (comm.size > 1), f"{result.plan}")
            check(result)


@pytest.mark.parametrize("kernel", KERNELS)
def test_more_ranks_than_rows(comm, gpu, check, sized, kernel):
    for dims in ((comm.size, 1), (1, comm.size)):
        check(run(sized(3, 9), comm=comm, kernel=kernel, dims=dims, selection=gpu))


def test_auto_takes_one_of_them_on_all_ranks(comm, gpu, check, sized, rehearsed):
    result = run(sized(23 if rehearsed else 257, 20), comm=comm, selection=gpu)
    check(result)
    kernels = set(comm.allgather(result.kernel))
    parallel_assert(comm, len(kernels) == 1 and kernels < set(KERNELS), f"{kernels}")
    parallel_assert(comm, "was the fastest of" in str(result.plan), f"{result.plan}")


def test_a_grid_that_does_not_fit_on_the_chip_is_refused_on_all_ranks(comm, gpu, sized):
    with parallel_raises(comm, InputError, match="points of float64 do not fit on this GPU"):
        run(sized(60000, 1), comm=comm, kernel="cupy-resident", selection=gpu)
