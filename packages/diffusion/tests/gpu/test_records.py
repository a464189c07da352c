"""Marches that are interrupted: records are replayed, frames and checkpoints taken."""

import numpy as np
import pytest

from hpcpy_core.selection import select
from hpcpy_diffusion import Parameters, run, thin
from hpcpy_diffusion.checkpointing import Checkpointing
from hpcpy_diffusion.device_pair import DevicePair
from hpcpy_diffusion.every import Every
from hpcpy_diffusion.kernels import GPU_KERNELS
from hpcpy_diffusion.output import OutputDirectory
from hpcpy_mpiio import Checkpoint
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

FAST = ("cupy-raw", "cupy-tiled", "cupy-resident")


def prepare_output(path, parameters, comm, *, full=False):
    """Make the folders that a run writes to."""
    if comm.rank == 0:
        (path / "frames").mkdir(parents=True)
    comm.Barrier()
    return OutputDirectory(path, comm, 1 if full else thin.find_stride(parameters.shape))


@pytest.fixture
def folder(comm, tmp_path):
    return comm.bcast(tmp_path, root=0)


def interrupted(sized, points, steps, every):
    """Return parameters with a frame after every so many steps."""
    whole = sized(points, steps)
    return Parameters(dx=whole.dx, runtime=whole.runtime, outtime=every * whole.dt)


@pytest.mark.parametrize("kernel", FAST)
def test_a_march_in_equal_parts_replays_what_it_recorded(
    comm, gpu, check, sized, rehearsed, kernel
):
    """With an odd number of sweeps in a part, the two fields change roles from part to part."""
    points, steps = (21, 42) if rehearsed else (257, 1100)
    for every in (6, 7) if rehearsed else (20, 21):
        parts = interrupted(sized, points, steps, every)
        check(run(parts, comm=comm, kernel=kernel, selection=gpu, on_frame=lambda frame: None))


@pytest.mark.parametrize("kernel", FAST)
def test_a_run_is_continued_on_a_gpu_or_a_cpu(comm, gpu, check, sized, folder, rehearsed, kernel):
    points, last = (21, 24) if rehearsed else (157, 240)
    half = sized(points, last // 2)
    written = Checkpoint(folder / kernel, comm)
    how = {"target": written, "every": Every(steps=last // 4)}
    run(
        half,
        comm=comm,
        kernel=kernel,
        selection=gpu,
        checkpointing=Checkpointing(half, comm, **how),
    )
    cpu = select("cpu", "auto", comm)
    for selection, name in ((gpu, kernel), (cpu, "numpy")):
        whole = sized(points, last)
        restart = Checkpointing(whole, comm, source=Checkpoint(folder / kernel, comm))
        result = run(whole, comm=comm, kernel=name, selection=selection, checkpointing=restart)
        check(result, "continued")


@pytest.mark.parametrize("side", [1000, 10])
def test_frames_are_those_of_a_cpu_to_the_last_byte(
    comm, gpu, sized, folder, monkeypatch, rehearsed, side
):
    """Whole ones, and those of which the device has picked every k-th row and column."""
    monkeypatch.setattr(thin, "LARGEST_SIDE", side)
    parameters = interrupted(sized, 22 if rehearsed else 157, 12, 5)
    files = []
    for name, selection, kernel in (
        ("gpu", gpu, "cupy-raw"),
        ("cpu", select("cpu", "auto", comm), "numpy"),
    ):
        output = prepare_output(folder / name, parameters, comm)
        run(
            parameters,
            comm=comm,
            kernel=kernel,
            selection=selection,
            on_frame=output.write_frame,
        )
        files.append([path for _, path in output.list_frames(parameters)])
    parallel_assert(comm, len(files[0]) == 3, f"{files[0]}")
    if comm.rank == 0:
        for ours, theirs in zip(*files, strict=True):
            assert ours.read_bytes() == theirs.read_bytes()
            points = parameters.points + 2
            assert max(np.load(ours).shape) == -(-points // -(-points // side))
    assert set(FAST) < set(GPU_KERNELS)


def test_only_the_points_of_a_thinned_frame_are_copied_to_the_host(
    comm, gpu, sized, folder, monkeypatch
):
    monkeypatch.setattr(thin, "LARGEST_SIDE", 10)
    parameters = interrupted(sized, 22, 12, 5)
    shown = []
    show = DevicePair.show
    monkeypatch.setattr(DevicePair, "show", lambda pair: shown.append(1) or show(pair))
    output = prepare_output(folder / "out", parameters, comm)
    run(parameters, comm=comm, kernel="cupy", selection=gpu, on_frame=output.write_frame)
    parallel_assert(comm, len(shown) == 1, f"{len(shown)} times")  # at the end
