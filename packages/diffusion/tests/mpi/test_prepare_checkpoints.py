"""Where checkpoints are read from and written to, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_diffusion.prepare_checkpoints import prepare_checkpoints
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def folder(comm, tmp_path):
    return Path(comm.bcast(str(tmp_path), root=0))


@pytest.fixture
def held(comm, folder):
    """A folder that holds a checkpoint of step 5."""
    decomposition = Decomposition(shape=(4, 4), dims=tuple(MPI.Compute_dims(comm.size, 2)))
    block = np.zeros(decomposition.owned(comm.rank).shape)
    Checkpoint(folder / "held", comm).write(5, 0.5, {"u": block}, decomposition)
    return folder / "held"


def prepare(comm, **options):
    """Return the directories of source and target, None where there is none."""
    given = {"place": None, "restart": None, "resume": False, "writes": True, "overwrite": False}
    found = prepare_checkpoints(comm, **{**given, **options})
    return tuple(checkpoint and checkpoint.directory for checkpoint in found)


def test_a_new_run(comm, folder):
    found = prepare(comm, place=folder / "new")
    parallel_assert(comm, found == (None, folder / "new"), f"{found}")
    parallel_assert(comm, (folder / "new").is_dir(), "not made")


def test_a_restart(comm, folder, held):
    found = prepare(comm, place=held, restart=held)
    parallel_assert(comm, found == (held, held), f"{found}")
    found = prepare(comm, place=held / ".." / "held", restart=held)
    parallel_assert(comm, found[0] == held, f"{found}")
    found = prepare(comm, place=folder / "new", restart=held)
    parallel_assert(comm, found == (held, folder / "new"), f"{found}")
    found = prepare(comm, place=held, restart=held, writes=False)
    parallel_assert(comm, found == (held, None), f"{found}")


def test_resuming_takes_what_is_there(comm, folder, held):
    found = prepare(comm, place=held, resume=True)
    parallel_assert(comm, found == (held, held), f"{found}")
    found = prepare(comm, place=held, resume=True, writes=False)
    parallel_assert(comm, found == (held, None), f"{found}")
    found = prepare(comm, place=folder / "new", resume=True)
    parallel_assert(comm, found == (None, folder / "new"), f"{found}")


def test_no_checkpoints_at_all(comm, folder):
    found = prepare(comm, place=folder / "unused", writes=False)
    parallel_assert(comm, found == (None, None), f"{found}")
    parallel_assert(comm, not (folder / "unused").exists(), "made in vain")


def test_those_of_an_earlier_run_are_not_mixed_with_new_ones(comm, folder, held):
    for restart in (None, folder / "other"):
        with parallel_raises(comm, InputError, "held holds ckpt-000000005 of an earlier run"):
            prepare(comm, place=held, restart=restart)
    found = prepare(comm, place=held, overwrite=True)
    parallel_assert(comm, found == (None, held), f"{found}")
    left = Checkpoint(held, comm).generations()
    parallel_assert(comm, left == [], f"{left}")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "checkpoints need a place: give --output DIR, or --checkpoint DIR"),
        ({"writes": False, "resume": True}, "checkpoints need a place"),
        ({"place": Path("a"), "restart": Path("b"), "resume": True}, "leave out --restart or"),
    ],
)
def test_what_makes_no_sense_is_refused(comm, options, words):
    with parallel_raises(comm, InputError, words):
        prepare(comm, **options)


def test_a_place_that_cannot_be_written(comm, folder):
    if comm.rank == 0:
        (folder / "file").touch()
    with parallel_raises(comm, InputError, "cannot be written: Not a directory"):
        prepare(comm, place=folder / "file" / "below")
