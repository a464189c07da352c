"""Runs on GPUs, each with its kernels' own sources, on a CuPy that is emulated on the host.

What is put into a stream is done when somebody waits for the stream: a wait that is missing
gives a wrong field. Whatever is chosen, the bits are those of the kernel ``numpy``.
"""

import functools
from itertools import product

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.find_compiler import find_compiler
from hpcpy_core.selection import Selection, select
from hpcpy_core.transport import Transport
from hpcpy_diffusion import Parameters, choose_sweep, plan_on_gpu, run, solver
from hpcpy_diffusion.checkpointing import Checkpointing
from hpcpy_diffusion.every import Every
from hpcpy_diffusion.finite import NotFiniteError
from hpcpy_diffusion.kernels import GPU_KERNELS
from hpcpy_diffusion.kernels.gpu import compile_source
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_testing.assertions import parallel_assert, parallel_raises
from hpcpy_testing.emulated_cupy import install_emulated_cupy

pytestmark = pytest.mark.mpi

compiled = pytest.mark.skipif(
    find_compiler("C++") is None, reason="CUDA sources are emulated by a C++ compiler: none here"
)
KERNELS = [
    kernel if kernel == "cupy" else pytest.param(kernel, marks=compiled) for kernel in GPU_KERNELS
]
CLASSES = frozenset({"p2p", "persistent"})


@pytest.fixture(autouse=True)
def cupy(monkeypatch):
    monkeypatch.setattr(choose_sweep, "STEPS", 2)  # here a trial tells nothing of the speed
    return install_emulated_cupy(monkeypatch)


@pytest.fixture
def gpu(comm):
    """Select this rank's GPU, staged or direct."""

    def choose(transport="staged"):
        chosen = select("gpu", "staged", comm, gpu=True)
        if transport == "staged":
            return chosen
        direct = Transport(name="direct", reason="tested", direct_for=CLASSES)
        device = Device(kind="gpu", reason="tested", transport=direct, ordinal=0)
        return Selection(device=device, library=chosen.library, ranks=comm.size, nodes=1)

    return choose


def sized(points, steps, **others):
    """Return parameters for a grid of `points` a side and so many steps."""
    grid = Parameters(dx=20 / points, **others)
    return Parameters(dx=20 / points, runtime=grid.dt * (steps + 0.5), **others)


@functools.cache
def reference(points, steps, dtype="float64"):
    """Return the field that one rank computes with NumPy."""
    return run(sized(points, steps, dtype=dtype), comm=MPI.COMM_SELF, kernel="numpy").gather()


def check(comm, result, points, steps, dtype="float64"):
    field = result.gather()
    same = comm.rank != 0 or np.array_equal(field, reference(points, steps, dtype))
    parallel_assert(comm, same, f"{result.kernel}, {result.plan}")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_bits_are_those_of_numpy(comm, gpu, kernel, dtype):
    """21 steps: sweeps of a whole depth, and some of fewer steps at the end."""
    parameters = sized(41, 21, dtype=dtype)
    result = run(parameters, comm=comm, kernel=kernel, selection=gpu())
    check(comm, result, 41, 21, dtype)
    parallel_assert(comm, result.kernel == kernel, result.kernel)


@pytest.mark.parametrize(
    ("kernel", "depth", "exchange", "transport"),
    [
        *product(["cupy"], [1, 5], ["persistent", "sendrecv"], ["staged", "direct"]),
        pytest.param("cupy-raw", 1, "persistent", "direct", marks=compiled),
        pytest.param("cupy-tiled", 5, "persistent", "staged", marks=compiled),
    ],
)
def test_any_halo_gives_the_same_bits(comm, gpu, kernel, depth, exchange, transport):
    for dims in {(comm.size, 1), (1, comm.size)}:
        result = run(
            sized(29, 13),
            comm=comm,
            kernel=kernel,
            dims=dims,
            halo_depth=depth,
            exchange=exchange,
            selection=gpu(transport),
        )
        check(comm, result, 29, 13)


@pytest.mark.parametrize(
    ("kernel", "depth"),
    [
        ("cupy", 1),
        pytest.param("cupy-raw", 1, marks=compiled),
        pytest.param("cupy-tiled", 4, marks=compiled),
    ],
)
def test_the_inside_is_computed_while_the_halo_is_on_its_way(comm, gpu, monkeypatch, kernel, depth):
    """Also where blocks are so small that there is no inside, and where the last steps are few."""
    monkeypatch.setattr(plan_on_gpu, "OVERLAP", 1)
    for points, dims in ((37, None), (4 * depth, (comm.size, 1))):
        result = run(
            sized(points, 3 * depth + 1),
            comm=comm,
            kernel=kernel,
            dims=dims,
            halo_depth=depth,
            selection=gpu(),
        )
        parallel_assert(comm, result.plan.overlap == (comm.size > 1), str(result.plan))
        check(comm, result, points, 3 * depth + 1)


@compiled
def test_auto_takes_the_fastest_and_says_so(comm, gpu):
    plans = []
    result = run(sized(23, 20), comm=comm, selection=gpu(), on_plan=plans.append)
    check(comm, result, 23, 20)
    parallel_assert(comm, "was the fastest of" in str(plans[0]), str(plans[0]))
    kernels = set(comm.allgather(result.kernel))
    parallel_assert(comm, len(kernels) == 1 and kernels < set(GPU_KERNELS), f"{kernels}")


@compiled
def test_auto_leaves_out_what_this_cupy_cannot_compile(comm, gpu, cupy, monkeypatch):
    make = cupy.RawModule

    def refuse(*, code, **options):
        if "march_resident" in code:
            raise RuntimeError("libcudadevrt.a is not found")
        return make(code=code, **options)

    compile_source._compile.cache_clear()
    monkeypatch.setattr(cupy, "RawModule", refuse)
    result = run(sized(23, 5), comm=comm, selection=gpu())
    check(comm, result, 23, 5)
    parallel_assert(comm, result.kernel != "cupy-resident", result.kernel)
    with parallel_raises(comm, HpcpyError, match="march_resident.cu.*libcudadevrt.a is not found"):
        run(sized(23, 5), comm=comm, kernel="cupy-resident", selection=gpu())


@compiled
@pytest.mark.parametrize("kernel", ["cupy-raw", "cupy-resident"])
def test_ranks_without_cells_do_nothing(comm, gpu, kernel):
    result = run(sized(3, 9), comm=comm, kernel=kernel, dims=(comm.size, 1), selection=gpu())
    check(comm, result, 3, 9)


@compiled
def test_frames_and_checkpoints_are_those_of_a_cpu(comm, gpu, tmp_path):
    folder = comm.bcast(tmp_path, root=0)
    dt, frames = sized(31, 1).dt, []
    parameters = Parameters(dx=20 / 31, runtime=dt * 60.5, outtime=dt * 15)
    write = Checkpointing(parameters, comm, target=Checkpoint(folder, comm), every=Every(steps=25))
    options = {"comm": comm, "kernel": "cupy-raw", "selection": gpu()}
    run(
        parameters,
        on_frame=lambda frame: frames.append((frame.step, frame.block.copy(), frame.decomposition)),
        checkpointing=write,
        **options,
    )
    for step, block, decomposition in frames:
        whole = reference(31, step)
        parts = decomposition.owned(comm.rank)
        rows, columns = (slice(*ends) for ends in zip(parts.start, parts.stop, strict=True))
        parallel_assert(comm, np.array_equal(block, whole[rows, columns]), f"step {step}")
    parallel_assert(comm, len(frames) == 5, f"{len(frames)}")
    read = Checkpointing(parameters, comm, source=Checkpoint(folder, comm))
    check(comm, run(sized(31, 60), checkpointing=read, **options), 31, 60)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"exchange": "shared"}, "exchange shared: the fields are in the GPUs' memory"),
        ({"threads": 2}, "2 threads: a run on GPUs has none"),
        ({"kernel": "numba"}, "kernel numba computes on a CPU, and this run on a GPU"),
        ({"kernel": "nump"}, "unknown kernel 'nump'"),
        ({"halo_depth": 0}, "halo depth 0"),
    ],
)
def test_what_cannot_work_is_refused_on_all_ranks(comm, gpu, options, words):
    with parallel_raises(comm, InputError, match=words):
        run(sized(29, 3), comm=comm, selection=gpu(), **{"kernel": "cupy", **options})


def test_too_little_device_memory_is_said_on_all_ranks(comm, gpu, cupy, monkeypatch):
    class OutOfMemoryError(MemoryError):
        """What CuPy's is called."""

    zeros = cupy.zeros

    def refuse(shape, dtype):
        if comm.rank == comm.size - 1:
            raise OutOfMemoryError("Out of memory allocating 1 bytes")
        return zeros(shape, dtype)

    monkeypatch.setattr(cupy, "zeros", refuse, raising=False)
    with parallel_raises(comm, HpcpyError, match=f"rank {comm.size - 1} .* has no memory for two"):
        run(sized(29, 3), comm=comm, kernel="cupy", selection=gpu())


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("kernel", ["cupy", pytest.param("cupy-tiled", marks=compiled)])
def test_a_field_that_is_not_finite_is_neither_a_checkpoint_nor_a_result(
    comm, gpu, kernel, value, monkeypatch, tmp_path
):
    def fill(u, *args):
        real(u, *args)
        if comm.rank == comm.size - 1:
            u[u.shape[0] // 2, 5] = value

    real = solver.fill_initial
    monkeypatch.setattr(solver, "fill_initial", fill)
    place = comm.bcast(tmp_path / "c", root=0)
    parameters = sized(29, 7)
    checkpointing = Checkpointing(
        parameters, comm, target=Checkpoint(place, comm), every=Every(steps=3)
    )
    for keeps in (checkpointing, None):
        with parallel_raises(comm, NotFiniteError, match=f"step {3 if keeps else 7} is not fin"):
            run(parameters, comm=comm, kernel=kernel, selection=gpu(), checkpointing=keeps)
    parallel_assert(comm, not list(place.glob("ckpt*")), "a checkpoint was written")
