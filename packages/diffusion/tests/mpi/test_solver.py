"""The solver against the scheme's exact solution, and against itself on one rank."""

import math

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_diffusion import Parameters, run
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

FAST = ("numpy-flat", "numba")


def grids(size):
    """Return all dims of two axes that make `size` ranks."""
    return [(p, size // p) for p in range(1, size + 1) if size % p == 0]


def sized(points, steps, **others):
    """Return parameters for a grid of `points` a side and so many steps."""
    grid = Parameters(dx=20 / points, **others)
    return Parameters(dx=20 / points, runtime=grid.dt * (steps + 0.5), **others)


@pytest.mark.parametrize("fourier", [0.25, 0.1])
@pytest.mark.parametrize("kernel", FAST)
def test_an_eigenmode_decays_by_its_exact_factor(comm, kernel, fourier):
    n, steps = 61, 500
    result = run(sized(n, steps, initial="mode", fourier=fourier, D=3.0), comm=comm, kernel=kernel)
    field = result.gather()
    if comm.rank == 0:
        x = np.sin(math.pi * np.arange(n + 2) / (n + 1))
        x[-1] = 0.0
        factor = 1 - 8 * fourier * math.sin(math.pi / (2 * (n + 1))) ** 2
        exact = np.multiply.outer(x, x) * factor**steps
        assert result.parameters.steps == steps
        assert field.shape == (n + 2, n + 2)
        assert np.abs(field - exact).max() / exact.max() < 1e-12


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("initial", ["four-peak", "mode"])
def test_the_field_is_the_same_to_the_last_bit_for_any_dims(comm, kernel, initial):
    steps = 40 if kernel in (*FAST, "numpy") else 4
    parameters = sized(37, steps, initial=initial, fourier=0.23)
    alone = run(parameters, comm=MPI.COMM_SELF, kernel=kernel).gather()
    for dims in (None, *grids(comm.size)):
        field = run(parameters, comm=comm, kernel=kernel, dims=dims).gather()
        same = comm.rank != 0 or np.array_equal(field, alone)
        parallel_assert(comm, same, f"kernel {kernel}, dims {dims}")


@pytest.mark.parametrize("kernel", FAST)
def test_more_ranks_than_rows(comm, kernel):
    parameters = sized(3, 10)
    alone = run(parameters, comm=MPI.COMM_SELF, kernel="python").gather()
    for dims in ((comm.size, 1), (1, comm.size)):
        field = run(parameters, comm=comm, kernel=kernel, dims=dims).gather()
        same = comm.rank != 0 or np.array_equal(field, alone)
        parallel_assert(comm, same, f"dims {dims}")


def test_float32_is_the_same_for_any_dims_and_near_float64(comm):
    parameters = sized(37, 40, dtype="float32")
    alone = run(parameters, comm=MPI.COMM_SELF).gather()
    double = run(sized(37, 40), comm=MPI.COMM_SELF).gather()
    field = run(parameters, comm=comm).gather()
    if comm.rank == 0:
        assert field.dtype == "float32"
        assert np.array_equal(field, alone)
        assert np.abs(field - double).max() < 1e-6


def test_mass_and_maximum(comm):
    start = run(sized(53, 0), comm=comm)
    later = run(sized(53, 200), comm=comm)
    spacing = start.parameters.spacing
    field, after = start.gather(), later.gather()
    if comm.rank == 0:
        assert start.mass == pytest.approx(math.fsum(field.ravel()) * spacing**2, rel=1e-13)
        assert 0 < later.mass < start.mass
        assert after.min() >= 0
        assert after.max() < field.max() <= 1.0


def test_mass_is_kept_until_the_boundary_is_reached(comm):
    points, steps = 61, 29
    result = run(sized(points, steps, initial="point", fourier=0.2), comm=comm)
    expected = result.parameters.spacing**2
    parallel_assert(comm, abs(result.mass / expected - 1) < 1e-13, f"mass {result.mass}")


def test_symmetry_to_the_last_bit(comm):
    for dims in grids(comm.size):
        field = run(sized(61, 100, initial="point", fourier=0.21), comm=comm, dims=dims).gather()
        if comm.rank == 0:
            for mirrored in (field[::-1], field[:, ::-1], field.T):
                assert np.array_equal(field, mirrored)


def test_the_boundary_stays_zero(comm):
    field = run(sized(37, 40), comm=comm).gather()
    if comm.rank == 0:
        for edge in (field[0], field[-1], field[:, 0], field[:, -1]):
            assert not edge.any()


def test_frames_come_at_their_times_with_the_field_of_that_time(comm):
    dt = sized(37, 1).dt
    parameters = Parameters(dx=20 / 37, runtime=dt * 30.5, outtime=dt * 10)
    frames = {}
    run(
        parameters,
        comm=comm,
        on_frame=lambda frame: frames.update({frame.step: (frame.time, frame.block.copy())}),
    )
    parallel_assert(comm, list(frames) == [0, 10, 20, 30], f"frames {list(frames)}")
    for step, (time, block) in frames.items():
        direct = run(sized(37, step), comm=comm)
        parallel_assert(comm, time == step * dt, f"time {time}")
        parallel_assert(comm, np.array_equal(block, direct.block), f"step {step}")


def test_on_step_counts_the_steps(comm):
    done = []
    run(sized(5, 7), comm=comm, on_step=done.append)
    parallel_assert(comm, done == [1, 2, 3, 4, 5, 6, 7], f"steps {done}")


def test_the_seconds_are_the_slowest_ranks(comm):
    result = run(sized(37, 40), comm=comm)
    seconds = result.seconds
    parallel_assert(comm, len(set(comm.allgather(tuple(seconds.values())))) == 1, "ranks disagree")
    parallel_assert(comm, list(seconds) == ["total", "compute", "halo", "output"], f"{seconds}")
    parallel_assert(comm, seconds["total"] > seconds["compute"] > 0, f"{seconds}")
    parallel_assert(comm, result.gcells_per_second > 0, "speed")


@pytest.mark.parametrize(
    ("changes", "options", "words"),
    [
        ({}, {"kernel": "fortran"}, "unknown kernel 'fortran'"),
        ({"initial": "gauss"}, {}, "initial = gauss: choose four-peak, mode, point"),
        ({}, {"dims": (5, 3)}, "dims 5x3 make 15 ranks"),
        ({"dx": 1e-7}, {}, r"a grid of \d+\^2 points needs .* GiB for .* of a node that has"),
    ],
)
def test_what_cannot_work_is_refused_on_all_ranks(comm, changes, options, words):
    with parallel_raises(comm, InputError, match=words):
        run(Parameters(**{"runtime": 0.0, **changes}), comm=comm, **options)
