"""The solver against the scheme's exact solution, and against itself on one rank."""

import errno
import math
import os
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_core.selection import select
from hpcpy_diffusion import Parameters, plan, run
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

FAST = ("numpy-flat", "numba", "numba-vector")
INSTALLED = [name for name, kernel in KERNELS.items() if kernel.installed]
WAYS = [
    ("sendrecv", 1),
    ("sendrecv", 3),
    ("persistent", 1),
    ("persistent", 2),
    ("persistent", 5),
    ("shared", "auto"),
]
"""Exchanges, and depths of which some do not divide the steps, nor the blocks."""


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


@pytest.mark.parametrize("kernel", INSTALLED)
def test_the_field_is_the_same_to_the_last_bit_for_any_dims(comm, kernel):
    steps = 40 if kernel in FAST else 4
    parameters = sized(37, steps, initial="mode", fourier=0.23)
    alone = run(parameters, comm=MPI.COMM_SELF, kernel=kernel).gather()
    for dims in (None, *grids(comm.size)):
        field = run(parameters, comm=comm, kernel=kernel, dims=dims).gather()
        same = comm.rank != 0 or np.array_equal(field, alone)
        parallel_assert(comm, same, f"kernel {kernel}, dims {dims}")


@pytest.mark.parametrize(("exchange", "depth"), WAYS)
@pytest.mark.parametrize("kernel", FAST)
def test_the_field_is_the_same_to_the_last_bit_for_any_exchange_and_depth(
    comm, kernel, exchange, depth
):
    parameters = sized(23, 17)
    alone = run(parameters, comm=MPI.COMM_SELF, kernel="numpy").gather()
    for dims in grids(comm.size):
        if exchange == "shared" and dims[1] > 1 and kernel != "numba":
            continue
        result = run(
            parameters, comm=comm, kernel=kernel, dims=dims, exchange=exchange, halo_depth=depth
        )
        field = result.gather()
        same = comm.rank != 0 or np.array_equal(field, alone)
        parallel_assert(comm, same, f"dims {dims}, {result.plan}")
        used = (exchange, 0 if exchange == "shared" else depth) if comm.size > 1 else ("none", 0)
        parallel_assert(comm, (result.exchange, result.halo_depth) == used, f"{result.plan}")


@pytest.mark.parametrize("kernel", FAST)
def test_more_ranks_than_rows(comm, kernel):
    parameters = sized(3, 10)
    alone = run(parameters, comm=MPI.COMM_SELF, kernel="python").gather()
    for dims, exchange in (
        ((comm.size, 1), "persistent"),
        ((1, comm.size), "sendrecv"),
        ((comm.size, 1), "shared"),
    ):
        result = run(parameters, comm=comm, kernel=kernel, dims=dims, exchange=exchange)
        field = result.gather()
        same = comm.rank != 0 or np.array_equal(field, alone)
        parallel_assert(comm, same, f"dims {dims}, {result.plan}")


def test_threads_change_no_bit(comm):
    parameters = sized(37, 40)
    alone = run(parameters, comm=MPI.COMM_SELF, kernel="numpy").gather()
    for exchange in ("persistent", "shared"):
        result = run(parameters, comm=comm, kernel="numba-vector", threads=2, exchange=exchange)
        field = result.gather()
        same = comm.rank != 0 or np.array_equal(field, alone)
        parallel_assert(comm, same and result.threads == 2, f"{result.plan}")


@pytest.mark.parametrize("kernel", ["numpy-flat", "numba"])
def test_overlapping_exchange_and_compute_changes_no_bit(comm, monkeypatch, kernel):
    monkeypatch.setattr(plan, "OVERLAP", 1)
    parameters = sized(23, 17)
    alone = run(parameters, comm=MPI.COMM_SELF, kernel="numpy").gather()
    result = run(parameters, comm=comm, kernel=kernel, dims=(comm.size, 1))
    field = result.gather()
    same = comm.rank != 0 or np.array_equal(field, alone)
    parallel_assert(comm, result.plan.overlap == (comm.size > 1), f"{result.plan}")
    parallel_assert(comm, same, f"{result.plan}")


@pytest.mark.parametrize(
    ("kernel", "exchange"),
    [("numba", "persistent"), ("numba-vector", "persistent"), ("numba-vector", "shared")],
)
def test_two_fields_are_all_that_grows_with_the_grid(comm, kernel, exchange):
    parameters = sized(1600, 3)
    run(sized(37, 2), comm=comm, kernel=kernel, exchange=exchange)  # imports and compiles
    tracemalloc.start()
    result = run(parameters, comm=comm, kernel=kernel, exchange=exchange)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    fields = most / result.block.nbytes  # with tiles and halos of some hundred rows
    parallel_assert(comm, 0.9 < fields < 2.8, f"{fields} times the block")


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
    done = {}
    for kernel, depth in (("numba", 1), ("numba-vector", 7)):
        done[kernel] = []
        run(
            sized(37, 10),
            comm=comm,
            kernel=kernel,
            exchange="persistent",
            halo_depth=depth,
            on_step=done[kernel].append,
        )
    at_once = [10] if comm.size == 1 else [7, 10]
    parallel_assert(comm, done["numba"] == list(range(1, 11)), f"steps {done}")
    parallel_assert(comm, done["numba-vector"] == at_once, f"steps {done}")


def test_on_plan_tells_before_the_first_step(comm):
    told = []
    result = run(sized(37, 2), comm=comm, on_plan=told.append, on_step=told.append)
    parallel_assert(comm, told == [result.plan, 2], f"told {told}")
    figures = result.figures()
    named = [figures[name] for name in ("exchange", "halo_depth", "threads", "plan")]
    used = [result.exchange, result.halo_depth, 1, str(result.plan)]
    parallel_assert(comm, named == used, f"{figures}")


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
        ({}, {"kernel": "fortan"}, "unknown kernel 'fortan'"),
        ({"initial": "gauss"}, {}, "initial = gauss: choose four-peak, mode, point"),
        ({}, {"dims": (5, 3)}, "dims 5x3 make 15 ranks"),
        ({}, {"threads": 0}, "0 threads cannot work"),
        ({}, {"threads": 2, "kernel": "numpy"}, "kernel numpy has no threads"),
        ({}, {"halo_depth": 0}, "halo depth 0: give 1 or more"),
        ({}, {"exchange": "pigeon"}, "exchange pigeon: choose one of auto"),
        ({"dx": 1e-7}, {}, r"a grid of \d+\^2 points needs .* GiB for .* of a node that has"),
    ],
)
def test_what_cannot_work_is_refused_on_all_ranks(comm, changes, options, words):
    with parallel_raises(comm, InputError, match=words):
        run(Parameters(**{"runtime": 0.0, **changes}), comm=comm, **options)


def test_auto_shares_no_memory_where_there_is_too_little(comm, monkeypatch):
    def refuse(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    parameters = sized(37, 20)
    alone = run(parameters, comm=MPI.COMM_SELF, kernel="numpy").gather()
    result = run(parameters, comm=comm, kernel="numba-vector")
    field = result.gather()
    same = comm.rank != 0 or np.array_equal(field, alone)
    way = "persistent" if comm.size > 1 else "none"
    parallel_assert(comm, same and result.exchange == way, f"{result.plan}")
    if comm.size > 1:
        parallel_assert(comm, "too little shared memory" in str(result.plan), f"{result.plan}")
        with parallel_raises(comm, InputError, match="cannot be had in /dev/shm: No space left"):
            run(parameters, comm=comm, kernel="numba-vector", exchange="shared")


def test_memory_is_not_shared_by_several_nodes(comm):
    selection = replace(select("auto", "auto", comm), nodes=2)
    with parallel_raises(comm, InputError, match="on 2 nodes, which share no memory"):
        run(sized(3, 1), comm=comm, exchange="shared", selection=selection)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ({}, {"parameters": Parameters(dx=1.0, runtime=3.0, D=2.0)}, "parameters"),
        ({}, {"parameters": Parameters(dx=1.0, runtime=3.0, dtype="float32")}, "parameters"),
        ({}, {"parameters": Parameters(dx=0.5, runtime=3.0)}, "parameters"),
        ({}, {"kernel": "numpy-flat"}, "kernel"),
        ({}, {"threads": 2}, "threads"),
        ({}, {"halo_depth": 2}, "halo_depth"),
        ({}, {"exchange": "sendrecv"}, "exchange"),
        ({"dims": (2, 1)}, {"dims": (1, 2)}, "dims"),
        ({"dims": (2, 1)}, {"dims": None}, "dims"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_ranks_with_other_arguments_are_named(comm, first, last, words):
    if comm.size == 1:
        return  # one rank differs from nobody
    options = {"parameters": Parameters(dx=1.0, runtime=3.0), "kernel": "numpy", **first}
    if comm.rank == comm.size - 1:
        options.update(last)
    with parallel_raises(comm, InputError, match=f"(?s){words}.*rank"):
        run(comm=comm, **options)


def test_lists_and_numpy_scalars_are_taken(comm):
    parameters = Parameters(dx=np.float32(1.0), runtime=np.float64(3.0))
    plain = run(Parameters(dx=1.0, runtime=3.0), comm=comm, kernel="numpy").gather()
    result = run(
        parameters,
        comm=comm,
        kernel="numpy",
        dims=[np.int64(comm.size), 1],
        threads=np.int64(1),
        halo_depth=np.array(2),
    )
    parallel_assert(comm, result.dims == (comm.size, 1), f"{result.dims}")
    field = result.gather()
    parallel_assert(comm, comm.rank > 0 or np.array_equal(field, plain), "fields differ")
    for wrong in ({"threads": True}, {"halo_depth": 1.5}, {"dims": [comm.size, "1"]}):
        with parallel_raises(comm, InputError, match=next(iter(wrong))):
            run(parameters, comm=comm, kernel="numpy", **wrong)
