"""The scratch file is one for all ranks, and is gone whatever happens."""

import os
import resource
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import FileError
from hpcpy_mpiio import scratch_file as module
from hpcpy_mpiio.scratch_file import closing, scratch_file
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture(autouse=True)
def _in_a_folder_of_the_test(folder, monkeypatch):
    monkeypatch.chdir(folder)


def left(comm, folder):
    comm.Barrier()  # rank 0 removes
    found = sorted(path.name for path in folder.iterdir())
    comm.Barrier()
    return found


def test_all_ranks_get_the_same_new_path(comm, folder):
    with scratch_file(comm) as path:
        parallel_assert(comm, comm.bcast(path) == path, path)
        parallel_assert(comm, Path(path).parent.parent == folder.resolve(), path)
        parallel_assert(comm, not list(Path(path).parent.iterdir()), "not empty")
        comm.Barrier()
        Path(f"{path}.{comm.rank}").write_text("beside it")
    parallel_assert(comm, left(comm, folder) == [], "a folder is left")


def test_rank_0_says_where(comm, folder, tmp_path_factory, monkeypatch):
    if comm.rank > 0:
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with scratch_file(comm) as path:
        parallel_assert(comm, Path(path).parent.parent == folder.resolve(), path)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (MPI.Exception(MPI.ERR_NO_SPACE), FileError),
        (OSError("a disk"), FileError),
        (KeyError("a mistake"), KeyError),
    ],
)
def test_an_error_of_one_rank_is_raised_on_all_and_nothing_is_left(comm, folder, error, raised):
    with parallel_raises(comm, raised), scratch_file(comm) as path:
        Path(f"{path}.{comm.rank}").touch()
        if comm.rank == comm.size - 1:
            raise error
    parallel_assert(comm, left(comm, folder) == [], "a folder is left")


def test_folder_that_is_gone(comm, folder):
    gone = folder / f"gone{comm.rank}"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    with (
        parallel_raises(comm, FileError, "cannot make a folder .*every node sees"),
        scratch_file(comm),
    ):
        pass


def test_no_room_is_found_before_mpi_writes(comm, folder):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    if comm.rank == 0:  # Python ignores the signal, so the write is an error as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (module.ROOM // 2, limits[1]))
    try:
        with (
            parallel_raises(comm, FileError, "File too large; .*free space") as caught,
            scratch_file(comm),
        ):
            raise AssertionError("the block has begun")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")
    parallel_assert(comm, left(comm, folder) == [], "a folder is left")


def test_rank_that_does_not_see_the_folder_says_its_host(comm, folder, monkeypatch):
    last = comm.size - 1
    if comm.rank == last:
        monkeypatch.setattr(module.Path, "is_dir", lambda _: False)
    with (
        parallel_raises(comm, FileError, rf"rank {last} on \S+ does not see .*every node"),
        scratch_file(comm),
    ):
        pass
    monkeypatch.undo()
    parallel_assert(comm, left(comm, folder) == [], "a folder is left")


def test_closing_closes(comm, folder):
    file = MPI.File.Open(comm, folder / "u", MPI.MODE_CREATE | MPI.MODE_WRONLY)
    with closing(file) as same:
        parallel_assert(comm, same is file)
        file.Write_at_all(comm.rank, np.full(1, comm.rank, dtype=np.uint8))
    parallel_assert(comm, file == MPI.FILE_NULL, "still open")


def test_closing_closes_after_an_error_that_it_lets_through(comm, folder):
    file = MPI.File.Open(comm, folder / "u", MPI.MODE_CREATE | MPI.MODE_WRONLY)
    with parallel_raises(comm, KeyError, "mine"), closing(file):
        raise KeyError("mine")
    parallel_assert(comm, file == MPI.FILE_NULL, "still open")


def test_error_of_closing_does_not_hide_the_first_one(comm):
    class Broken:
        def Close(self):  # noqa: N802 - MPI's name
            raise MPI.Exception(MPI.ERR_IO)

    with parallel_raises(comm, KeyError, "first"), closing(Broken()):
        raise KeyError("first")
    with parallel_raises(comm, MPI.Exception), closing(Broken()):
        pass
