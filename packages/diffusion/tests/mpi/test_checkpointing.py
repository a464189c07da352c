"""A run that was stopped and restarted gives the bits of one that was not."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_diffusion import Parameters, run
from hpcpy_diffusion.catch_sigusr1 import StopRequest
from hpcpy_diffusion.checkpointing import Checkpointing, StoppedError
from hpcpy_diffusion.every import Every
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def folder(comm, tmp_path):
    return Path(comm.bcast(str(tmp_path), root=0))


def sized(points, steps, **others):
    """Return parameters for a grid of `points` a side and so many steps."""
    grid = Parameters(dx=20 / points, **others)
    return Parameters(dx=20 / points, runtime=grid.dt * (steps + 0.5), **others)


def write_some(comm, folder, parameters, **options):
    """Run to the end with a checkpoint every 20 steps."""
    checkpointing = Checkpointing(
        parameters, comm, target=Checkpoint(folder, comm), every=Every(steps=20)
    )
    return run(parameters, comm=comm, checkpointing=checkpointing, **options)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_longer_run_continues_with_the_same_bits_for_any_dims(comm, folder, dtype):
    whole = run(sized(37, 75, dtype=dtype), comm=MPI.COMM_SELF)
    write_some(comm, folder, sized(37, 50, dtype=dtype))
    names = [path.name for path in Checkpoint(folder, comm).generations()]
    parallel_assert(comm, names == ["ckpt-000000040", "ckpt-000000020"], f"{names}")
    for dims in ((comm.size, 1), (1, comm.size)):
        parameters = sized(37, 75, dtype=dtype)
        said = []
        checkpointing = Checkpointing(
            parameters, comm, source=Checkpoint(folder, comm), tell=said.append
        )
        result = run(parameters, comm=comm, dims=dims, checkpointing=checkpointing)
        field = result.gather()
        same = comm.rank != 0 or np.array_equal(field, whole.gather())
        parallel_assert(comm, same, f"dims {dims}")
        parallel_assert(comm, abs(result.mass / whole.mass - 1) < 1e-6, f"mass {result.mass}")
        lines = [f"restarted from {folder}/ckpt-000000040, t = "] if comm.rank == 0 else []
        heads = [line[: line.index("=") + 2] for line in said]
        parallel_assert(comm, heads == lines, f"{said}")
    alone = MPI.COMM_SELF
    checkpointing = Checkpointing(parameters, alone, source=Checkpoint(folder, alone))
    single = run(parameters, comm=alone, checkpointing=checkpointing)
    parallel_assert(comm, np.array_equal(single.gather(), whole.gather()), "one rank")
    comm.Barrier()


def test_steps_and_frames_are_counted_on(comm, folder):
    dt = sized(37, 1).dt
    first = Parameters(dx=20 / 37, runtime=dt * 45.5, outtime=dt * 10)
    write_some(comm, folder, first)
    second = Parameters(dx=20 / 37, runtime=dt * 70.5, outtime=dt * 10)
    steps, frames = [], []
    run(
        second,
        comm=comm,
        kernel="numba",  # of single steps
        checkpointing=Checkpointing(second, comm, source=Checkpoint(folder, comm)),
        on_step=steps.append,
        on_frame=lambda frame: frames.append((frame.step, frame.time)),
    )
    parallel_assert(comm, steps == list(range(41, 71)), f"steps {steps}")
    parallel_assert(comm, frames == [(s, s * dt) for s in (40, 50, 60, 70)], f"frames {frames}")


def test_a_signal_on_one_rank_stops_all_at_one_step_with_a_checkpoint(comm, folder):
    parameters = sized(37, 10**9)
    request = StopRequest()

    def ask(done):
        if comm.rank == comm.size - 1 and done >= 100:
            request.seen = True

    checkpointing = Checkpointing(
        parameters,
        comm,
        target=Checkpoint(folder, comm),
        request=request,
        continued_by="say please",
    )
    words = r"stopped by SIGUSR1 at step \d+ of .*, which is saved in .*: to continue, say please"
    with parallel_raises(comm, StoppedError, words) as caught:
        run(parameters, comm=comm, checkpointing=checkpointing, on_step=ask)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")
    parallel_assert(comm, caught.error.exit_code == 75, "exit code")
    (path,) = Checkpoint(folder, comm).generations()
    step = int(path.name[5:])
    parallel_assert(comm, step >= 100 and f"step {step} of" in str(caught.error), f"{step}")
    same = np.array_equal(
        np.load(path / "u.npy"), run(sized(37, step), comm=MPI.COMM_SELF).gather()
    )
    parallel_assert(comm, same, "another field")
    comm.Barrier()


def test_a_restart_at_the_last_step_has_nothing_left_to_do(comm, folder):
    done = write_some(comm, folder, sized(37, 40))
    parameters = sized(37, 40)
    again = run(
        parameters,
        comm=comm,
        checkpointing=Checkpointing(parameters, comm, source=Checkpoint(folder, comm)),
    )
    parallel_assert(comm, np.array_equal(again.block, done.block), "another field")


def test_another_problem_is_refused(comm, folder):
    write_some(comm, folder, sized(37, 40))
    for changes, words in (
        ({"D": 2.0}, r"^D = 2\.0, but .*ckpt-000000040 is of a run with D = 1\.0: give"),
        ({"x1": -9.0}, r"^x1 = -9\.0, but .* x1 = -10\.0"),
        ({"x2": 9.0}, r"^x2 = 9\.0, but .* x2 = 10\.0"),
        ({"dx": 0.5}, r"^dx = 0\.5, but .* dx = 0\.54"),
        ({"fourier": 0.2}, r"^fourier = 0\.2, but .* fourier = 0\.25"),
        ({"dtype": "float32"}, r"^dtype = float32, but .* dtype = float64"),
        ({"initial": "mode"}, r"^initial = mode, but .* initial = four-peak"),
        ({"runtime": 0.5}, r"^runtime = 0\.5 ends at step \d, but .* is at step 40, .*longer"),
    ):
        parameters = Parameters(**{"dx": 20 / 37, "runtime": 100.0, "outtime": 50.0, **changes})
        checkpointing = Checkpointing(parameters, comm, source=Checkpoint(folder, comm))
        with parallel_raises(comm, InputError, words):
            run(parameters, comm=comm, checkpointing=checkpointing)


def test_a_damaged_checkpoint_is_skipped_and_said_once(comm, folder):
    write_some(comm, folder, sized(37, 40))
    if comm.rank == 0:
        (folder / "ckpt-000000040" / "metadata.json").unlink()
    comm.Barrier()
    said = []
    parameters = sized(37, 60)
    checkpointing = Checkpointing(
        parameters, comm, source=Checkpoint(folder, comm), tell=said.append
    )
    result = run(parameters, comm=comm, checkpointing=checkpointing)
    whole = run(sized(37, 60), comm=comm)
    parallel_assert(comm, np.array_equal(result.block, whole.block), "another field")
    if comm.rank == 0:
        assert said[0].startswith("skipped ckpt-000000040: metadata.json cannot be read: No such")
        assert said[1].startswith(f"restarted from {folder}/ckpt-000000020")
    parallel_assert(comm, len(said) == (2 if comm.rank == 0 else 0), f"{said}")
