import os

import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.files.target import Target
from hpcpy_mpiio import bring_to_disk as disk_module
from hpcpy_mpiio.bring_to_disk import bring_to_disk
from hpcpy_mpiio.replacement import Replacement
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def replacement(comm, folder):
    """A temporary that all ranks may have written."""
    replacement = Replacement(
        target=folder / "u.npy",
        temporary=folder / ".u.npy.tmp",
        old=Target(path=folder / "u.npy", kind="absent"),
    )
    if comm.rank == 0:
        replacement.temporary.write_bytes(b"items")
    comm.Barrier()
    return replacement


def test_one_rank_of_the_node_calls_fsync(comm, replacement, monkeypatch):
    real, synced = os.fsync, []

    def fsync(descriptor):
        synced.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    bring_to_disk(replacement, comm)
    parallel_assert(comm, len(synced) == (comm.rank == 0), f"{len(synced)} calls of fsync")


def test_the_node_is_asked_for_once(comm, subcomm, replacement, monkeypatch):
    part = subcomm(max(1, comm.size - 1))
    if part is not None:
        bring_to_disk(replacement, part)
        before = disk_module._leads_its_node(part)
        monkeypatch.setattr(disk_module.MPI, "COMM_TYPE_SHARED", None)  # no use for it any more
        bring_to_disk(replacement, part)
        parallel_assert(part, before == (part.rank == 0), f"leads: {before}")


def test_disk_that_refuses_is_an_error_on_every_rank(comm, replacement, monkeypatch):
    def fail(path):
        raise OSError("Input/output error")

    monkeypatch.setattr(disk_module, "fsync", fail)
    with parallel_raises(comm, FileError, r"cannot bring .*/u\.npy to disk: .*; check free"):
        bring_to_disk(replacement, comm)
