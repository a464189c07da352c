"""A load that fails: the same error on every rank."""

from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import FileError, HpcpyError, InputError
from hpcpy_mpiio import opened_field as field_module
from hpcpy_mpiio.load_npy import load
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def path(comm, folder):
    """A good file of float64, shape (101, 67); each test spoils it."""
    path = folder / "u.npy"
    if comm.rank == 0:
        np.save(path, np.arange(101.0 * 67).reshape(101, 67))
    comm.Barrier()
    return path


@pytest.fixture
def decomposition(comm):
    return Decomposition(shape=(101, 67), dims=tuple(MPI.Compute_dims(comm.size, 2)))


@pytest.fixture
def refused(comm, path, decomposition):
    """Assert that every rank raises the same error from a load."""

    def refused(kind, match, path=path, decomposition=decomposition):
        with parallel_raises(comm, kind, match) as caught:
            load(path, decomposition, comm)
        text = str(caught.error)
        parallel_assert(comm, text == comm.bcast(text, root=0), f"another text: {text}")
        parallel_assert(comm, caught.error.agreed, "not marked as agreed")

    return refused


def spoil(comm, path, change):
    if comm.rank == 0:
        path.write_bytes(change(path.read_bytes()))
    comm.Barrier()


def test_the_good_file_loads(comm, path, decomposition):
    total = comm.allreduce(load(path, decomposition, comm).sum())
    parallel_assert(comm, total == np.arange(101.0 * 67).sum(), f"sum {total}")


@pytest.mark.parametrize("size", [128 + 101 * 67 * 8 - 1, 128 + 8, 128])
def test_truncated_items(comm, path, refused, size, monkeypatch):
    monkeypatch.delattr(field_module, "_read_block")  # no item is read
    spoil(comm, path, lambda saved: saved[:size])
    refused(FileError, rf"u\.npy is truncated: it has {size} bytes.*needs 54264")


@pytest.mark.parametrize("size", [0, 5, 9, 127])
def test_truncated_header(comm, path, refused, size):
    spoil(comm, path, lambda saved: saved[:size])
    refused(FileError, r"u\.npy cannot be read as \.npy")


@pytest.mark.parametrize("change", [lambda saved: saved[:-1], lambda saved: saved + b"x"])
def test_another_size_in_fortran_order(comm, path, refused, change):
    if comm.rank == 0:
        np.save(path, np.asfortranarray(np.load(path)))
    spoil(comm, path, change)
    refused(FileError, r"u\.npy is (truncated|too long): it has 5426\d bytes.*needs 54264")


@pytest.mark.parametrize(
    ("start", "fault"),
    [
        (b"\x93NUMPY\x09\x00", "version"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\x7f", "claims 2147483647 bytes"),
    ],
    ids=["version", "oversized header"],
)
def test_bad_start(comm, path, refused, start, fault):
    spoil(comm, path, lambda saved: start + saved[len(start) :])
    refused(FileError, rf"u\.npy cannot be read as \.npy.*{fault}")


def test_too_long(comm, path, refused, monkeypatch):
    monkeypatch.delattr(field_module, "_read_block")  # no item is read
    spoil(comm, path, lambda saved: saved + b"\0")
    refused(FileError, r"u\.npy is too long: it has 54265 bytes.*needs 54264")


def test_not_npy(comm, path, refused):
    spoil(comm, path, lambda saved: b"1.0, 2.0\n" * 100)
    refused(FileError, r"u\.npy cannot be read as \.npy.*magic")


def test_python_objects_are_not_unpickled(comm, path, refused):
    if comm.rank == 0:
        np.save(path, np.full((101, 67), None), allow_pickle=True)
    comm.Barrier()
    refused(FileError, "Python objects")


def test_another_shape(comm, refused):
    other = Decomposition(shape=(67, 101), dims=tuple(MPI.Compute_dims(comm.size, 2)))
    refused(
        InputError,
        r"shape \(101, 67\), but the decomposition is of \(67, 101\)",
        decomposition=other,
    )


def test_another_number_of_ranks(comm, refused):
    other = Decomposition(shape=(101, 67), dims=(comm.size + 1, 1))
    refused(InputError, rf"but the communicator has {comm.size}", decomposition=other)


def test_missing_file(path, refused):
    refused(InputError, r"v\.npy does not exist", path=path.with_name("v.npy"))


def test_folder_instead_of_file(path, refused):
    refused(InputError, "not a regular file", path=path.parent)


def test_path_that_only_rank_0_finds_wrong(comm, path, refused):
    refused(InputError, "not a regular file", path=path.parent if comm.rank == 0 else path)


def test_decomposition_differs_on_one_rank(comm, path):
    on_last = comm.rank == comm.size - 1
    dims = (comm.size, 1) if on_last else (1, comm.size)
    decomposition = Decomposition(shape=(101, 67), dims=dims)
    # One rank cannot differ from itself.
    with parallel_raises(comm, InputError, "decomposition") if comm.size > 1 else nullcontext():
        load(path, decomposition, comm)


def test_read_that_fails_on_one_rank(comm, refused, monkeypatch):
    def read(file, message):
        file.Read_all(message)
        if comm.rank == comm.size - 1:
            raise MPI.Exception(MPI.ERR_IO)

    monkeypatch.setattr(field_module, "_read_block", read)
    refused(FileError, r"cannot read .*/u\.npy")


def test_memory_that_runs_out_on_one_rank(comm, path, decomposition, monkeypatch):
    real = np.empty

    def empty(shape, dtype, order="C"):
        if comm.rank == comm.size - 1:
            raise MemoryError("no room for the block")
        return real(shape, dtype, order)

    monkeypatch.setattr(field_module.np, "empty", empty)
    with parallel_raises(comm, HpcpyError, "has no memory for a block of shape"):
        load(path, decomposition, comm)


def test_read_that_comes_short_on_one_rank(comm, refused, monkeypatch):
    real = field_module.block_message

    @contextmanager
    def ask_less(block, order):
        with real(block, order) as (buffer, count, datatype):
            yield buffer, count - 8 * (comm.rank == comm.size - 1), datatype

    monkeypatch.setattr(field_module, "block_message", ask_less)
    refused(FileError, r"of \d+ bytes were read: it has been cut short")


def test_file_cut_short_between_header_and_items(comm, path, refused, monkeypatch):
    """Neither MPI raises, and Open MPI counts all items as received."""
    real = field_module._read_block

    def read_cut(*args):
        if comm.rank == 0:
            path.write_bytes(path.read_bytes()[:200])
        comm.Barrier()
        real(*args)

    monkeypatch.setattr(field_module, "_read_block", read_cut)
    refused(FileError, r"u\.npy.*(cut short|truncated)")
