"""The output of a run that is continued."""

from pathlib import Path

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion import thin
from hpcpy_diffusion.continue_output import continue_output, is_finished, require_frames
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

DT = Parameters(dx=1.0).dt
THREE = Parameters(dx=1.0, runtime=20.5 * DT, outtime=10 * DT)
"""Frames after 0, 10 and 20 steps."""


@pytest.fixture
def folder(comm, tmp_path):
    return Path(comm.bcast(str(tmp_path), root=0))


def listed(comm, folder):
    comm.Barrier()
    names = sorted(path.name for path in folder.iterdir())
    comm.Barrier()
    return names


def test_frames_of_this_run_stay_and_others_go(comm, folder):
    if comm.rank == 0:
        (folder / "frames").mkdir()
        for step in (0, 5, 10):
            (folder / "frames" / f"step-{step:09d}.npy").touch()
        (folder / "field.npy").touch()
    output = continue_output(folder, THREE, comm)
    names = listed(comm, output.frames)
    parallel_assert(comm, names == ["step-000000000.npy", "step-000000010.npy"], f"{names}")
    parallel_assert(comm, output.field.exists(), "the field is gone")


@pytest.mark.parametrize(
    ("side", "full_frames", "words"),
    [
        (22, False, "has whole frames .*: give --full-frames, or another --output"),
        (8, True, "--full-frames: the run .* has thinned its frames .*: leave --full-frames out"),
    ],
)
def test_whole_frames_and_thinned_ones_do_not_mix(
    comm, folder, monkeypatch, side, full_frames, words
):
    monkeypatch.setattr(thin, "LARGEST_SIDE", 10)
    if comm.rank == 0:
        (folder / "frames").mkdir()
        np.save(folder / "frames" / f"step-{10:09d}.npy", np.zeros((side, side)))
    with parallel_raises(comm, InputError, match=words):
        continue_output(folder, THREE, comm, full_frames=full_frames)
    output = continue_output(folder, THREE, comm, full_frames=not full_frames)
    parallel_assert(comm, output.stride == (3 if full_frames else 1), f"{output.stride}")
    names = listed(comm, output.frames)
    parallel_assert(comm, names == ["step-000000010.npy"], f"{names}")


def test_an_output_that_is_new(comm, folder):
    output = continue_output(folder / "new" / "one", THREE, comm)
    parallel_assert(comm, listed(comm, output.path) == ["frames"], "not made")
    output = continue_output(folder / "bare", Parameters(), comm)
    parallel_assert(comm, listed(comm, output.path) == [], "frames that nobody wants")


def test_an_output_that_cannot_be_written(comm, folder):
    if comm.rank == 0:
        (folder / "file").touch()
    with parallel_raises(comm, InputError, "output .*below cannot be written: Not a directory"):
        continue_output(folder / "file" / "below", THREE, comm)


def test_a_frame_that_cannot_be_drawn(comm, folder):
    output = continue_output(folder, THREE, comm)
    require_frames(output, THREE, 0)
    if comm.rank == 0:
        output.frame(0).touch()
    require_frames(output, THREE, 10)
    with parallel_raises(comm, InputError, r"step-000000010\.npy of the time before the restart"):
        require_frames(output, THREE, 20)


def test_a_run_is_finished_when_its_field_is_there(comm, folder):
    parallel_assert(comm, not is_finished(folder, comm), "nothing is there")
    if comm.rank == 0:
        (folder / "field.npy").touch()
    parallel_assert(comm, is_finished(folder, comm), "it is there")
