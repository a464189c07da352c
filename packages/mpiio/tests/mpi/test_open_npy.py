"""A file is opened and closed by all ranks, and its header is known to all."""

from contextlib import nullcontext

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio import open_npy as open_module
from hpcpy_mpiio.open_npy import open_field
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def path(comm, folder):
    path = folder / "u.npy"
    if comm.rank == 0:
        np.save(path, np.zeros((3, 4), ">c8", order="F"))
    comm.Barrier()
    return path


def test_header_is_known_on_every_rank(comm, path, monkeypatch):
    if comm.rank == 0:
        monkeypatch.chdir(path.parent)
    with open_field("u.npy" if comm.rank == 0 else "elsewhere/v.npy", comm) as field:
        told = (field.path, field.shape, field.dtype, field.order)
    parallel_assert(comm, told == (path, (3, 4), np.dtype(">c8"), "F"), str(told))


def test_header_is_read_once(comm, path, monkeypatch):
    real, read = open_module.read_header, []

    def count(file):
        read.append(file)
        return real(file)

    monkeypatch.setattr(open_module, "read_header", count)
    with open_field(path, comm):
        pass
    parallel_assert(comm, len(read) == (comm.rank == 0), f"read {len(read)} times")


def test_file_is_closed_in_the_end(comm, path):
    with open_field(path, comm) as field:
        file = field.file
        parallel_assert(comm, file != MPI.FILE_NULL, "not open")
    parallel_assert(comm, file == MPI.FILE_NULL, "still open")


def test_file_is_closed_after_an_agreed_error(comm, path):
    error = FileError("agreed")
    error.agreed = True
    with parallel_raises(comm, FileError, "agreed"), open_field(path, comm) as field:
        raise error
    parallel_assert(comm, field.file == MPI.FILE_NULL, "still open")


@pytest.mark.parametrize("error", [KeyError("alone"), FileError("alone")], ids=repr)
def test_error_of_one_rank_does_not_wait_for_the_others(comm, path, error):
    """It leaves at once, to end the job; here the others end the block without it."""
    fields, raised = [], None
    try:
        with open_field(path, comm) as field:
            fields.append(field)
            if comm.rank == comm.size - 1:
                raise error
            # Where the others would wait in their next collective call.
            raise KeyError("caught")
    except (KeyError, FileError) as caught:
        raised = caught
    parallel_assert(comm, raised is not None, "raised nothing")
    fields[0].file.Close()


@pytest.mark.parametrize("hints", [{"cb_nodes": 1}, "cb_nodes=1"])
def test_wrong_hints_on_one_rank(comm, path, hints):
    given = hints if comm.rank == comm.size - 1 else None
    with (
        parallel_raises(comm, InputError, "no mapping of strings"),
        open_field(path, comm, hints=given),
    ):
        pass


def test_other_hints_on_one_rank(comm, path):
    given = {"cb_nodes": "1"} if comm.rank == comm.size - 1 else None
    with (
        parallel_raises(comm, InputError, "gave hints") if comm.size > 1 else nullcontext(),
        open_field(path, comm, hints=given),
    ):
        pass


def test_hints_reach_mpi(comm, path):
    with open_field(path, comm, hints={"cb_buffer_size": "1048576"}) as field:
        told = field.statistics.hints
    if MPI.get_vendor()[0] == "MPICH":  # Open MPI does not tell
        parallel_assert(comm, told["cb_buffer_size"] == "1048576", str(told))
    parallel_assert(comm, isinstance(told, dict), str(told))


def test_open_that_mpi_refuses(comm, path, monkeypatch):
    def vanish(file, header):
        file.unlink()

    monkeypatch.setattr(open_module, "check_size", vanish)
    with (
        parallel_raises(comm, FileError, r"cannot open .*u\.npy: .*every node"),
        open_field(path, comm),
    ):
        pass
