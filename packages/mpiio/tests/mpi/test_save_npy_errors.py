"""A save that fails: the same error on every rank, the old file as it was, no temporary."""

import errno
import os
import resource
from contextlib import nullcontext
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio import save_npy as save_module
from hpcpy_mpiio import write_blocks as write_module
from hpcpy_mpiio.replacement import Replacement
from hpcpy_mpiio.save_npy import save
from hpcpy_mpiio.view import View
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

OLD = b"the old file, which is longer than any header: " + bytes(999)


@pytest.fixture
def old_file(comm, folder):
    """A file that must survive; at the end it is as it was, and alone in its folder."""
    path = folder / "u.npy"
    if comm.rank == 0:
        path.write_bytes(OLD)
    comm.Barrier()
    yield path
    found = [p.name for p in folder.iterdir()]
    parallel_assert(comm, path.read_bytes() == OLD, "the old file has changed")
    parallel_assert(comm, found == ["u.npy"], f"the folder holds {found}")


def assert_same_text(comm, caught):
    """Every rank raised this error, and knows it."""
    text = str(caught.error)
    parallel_assert(comm, text == comm.bcast(text, root=0), f"another text: {text}")
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")


def last(comm):
    return comm.rank == comm.size - 1


def test_block_of_wrong_shape_on_one_rank(comm, old_file, make_array, divide):
    decomposition, block = divide(make_array((11, 7)), comm)
    given = block[:-1] if last(comm) else block
    with parallel_raises(comm, InputError, rf"rank {comm.size - 1} gave a block of") as caught:
        save(old_file, given, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_no_array_on_one_rank(comm, old_file, make_array, divide):
    decomposition, block = divide(make_array((11, 7)), comm)
    given = block.tolist() if last(comm) else block
    with parallel_raises(comm, InputError, r"gave a list: give a NumPy array") as caught:
        save(old_file, given, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


@pytest.mark.parametrize("other", ["<f4", ">f8"])
def test_dtype_differs_on_one_rank(comm, folder, make_array, divide, other):
    decomposition, block = divide(make_array((11, 7), "<f8"), comm)
    given = block.astype(other) if last(comm) else block
    # One rank cannot differ from itself.
    error = rf"rank {comm.size - 1} gave dtype {np.dtype(other)}, but rank 0 gave float64"
    with parallel_raises(comm, InputError, error) if comm.size > 1 else nullcontext():
        save(folder / "u.npy", given, decomposition, comm)
    saved = (folder / "u.npy").exists()
    parallel_assert(comm, saved == (comm.size == 1), f"saved: {saved}")


def test_decomposition_differs_on_one_rank(comm, folder, divide):
    array = np.zeros((12, 12))  # as many rows as columns: each rank's block fits what it says
    dims = (comm.size, 1) if last(comm) else (1, comm.size)
    decomposition, block = divide(array, comm, dims)
    with parallel_raises(comm, InputError, "decomposition") if comm.size > 1 else nullcontext():
        save(folder / "u.npy", block, decomposition, comm)
    saved = (folder / "u.npy").exists()
    parallel_assert(comm, saved == (comm.size == 1), f"saved: {saved}")


def test_decomposition_for_another_number_of_ranks(comm, old_file):
    decomposition = Decomposition(shape=(60, 2), dims=(comm.size + 1, 1))
    block = np.zeros(decomposition.owned(comm.rank).shape)
    error = rf"over {comm.size + 1} ranks, but the communicator has {comm.size}"
    with parallel_raises(comm, InputError, error) as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


@pytest.mark.parametrize("dtype", ["O", [("a", "O"), ("b", "f8")]], ids=str)
def test_python_objects(comm, old_file, divide, dtype):
    decomposition, block = divide(np.zeros((5, 4), dtype), comm)
    with parallel_raises(comm, InputError, "Python objects") as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_existing_file(comm, old_file, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    with parallel_raises(comm, InputError, r"u\.npy exists: pass overwrite=True") as caught:
        save(old_file, block, decomposition, comm)
    assert_same_text(comm, caught)


def test_folder_instead_of_file(comm, old_file, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    with parallel_raises(comm, InputError, "not a regular file") as caught:
        save(old_file.parent, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_missing_folder(comm, old_file, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    with parallel_raises(comm, InputError, "create the folder .*missing") as caught:
        save(old_file.parent / "missing" / "u.npy", block, decomposition, comm)
    assert_same_text(comm, caught)


def test_path_that_only_rank_0_finds_wrong(comm, old_file, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    path = old_file.parent if comm.rank == 0 else old_file
    with parallel_raises(comm, InputError, "not a regular file") as caught:
        save(path, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_unknown_order_on_one_rank(comm, old_file, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    order = "A" if last(comm) else "C"
    with parallel_raises(comm, InputError, "order 'A' is unknown") as caught:
        save(old_file, block, decomposition, comm, overwrite=True, order=order)
    assert_same_text(comm, caught)


@pytest.mark.parametrize(
    ("option", "first", "other"),
    [("order", "C", "F"), ("hints", None, {"cb_nodes": "1"}), ("verify", False, True)],
)
def test_option_differs_on_one_rank(comm, folder, make_array, divide, option, first, other):
    decomposition, block = divide(make_array((11, 7)), comm)
    given = {option: other if last(comm) else first}
    # One rank cannot differ from itself.
    with (
        parallel_raises(comm, InputError, rf"rank {comm.size - 1} gave {option} .*{other}")
        if comm.size > 1
        else nullcontext()
    ):
        save(folder / "u.npy", block, decomposition, comm, **given)
    saved = (folder / "u.npy").exists()
    parallel_assert(comm, saved == (comm.size == 1), f"saved: {saved}")


def test_hints_that_are_none_on_one_rank(comm, old_file, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    hints = {"cb_nodes": 1} if last(comm) else {"cb_nodes": "1"}
    with parallel_raises(comm, InputError, "no mapping of strings") as caught:
        save(old_file, block, decomposition, comm, overwrite=True, hints=hints)
    assert_same_text(comm, caught)


def test_open_that_fails_on_every_rank(comm, old_file, make_array, divide, monkeypatch):
    decomposition, block = divide(make_array((11, 7)), comm)
    monkeypatch.setattr(write_module.MPI, "MODE_WRONLY", MPI.MODE_RDONLY | MPI.MODE_WRONLY)
    with parallel_raises(comm, FileError, r"cannot open .*every node") as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_view_that_fails_on_one_rank(comm, old_file, make_array, divide, monkeypatch):
    decomposition, block = divide(make_array((11, 7)), comm)
    real = View.set

    def set_view(view, file, info):
        real(view, file, info)
        if last(comm):
            raise MPI.Exception(MPI.ERR_IO)

    monkeypatch.setattr(View, "set", set_view)
    with parallel_raises(comm, FileError, r"cannot set the file view of .*u\.npy") as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_write_that_fails_on_one_rank(comm, old_file, make_array, divide, monkeypatch):
    decomposition, block = divide(make_array((101, 67)), comm)

    def write(file, content):
        file.Write_all(content)  # as on a full disk: the others return from the same call
        if last(comm):
            raise MPI.Exception(MPI.ERR_NO_SPACE)

    monkeypatch.setattr(write_module, "_write_round", write)
    with parallel_raises(comm, FileError, r"cannot write .*/u\.npy: .*; check free") as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_write_that_fails_in_a_later_round(comm, old_file, make_array, divide, monkeypatch):
    """No rank goes on to a round that another one has given up."""
    decomposition, block = divide(make_array((101, 67)), comm)
    monkeypatch.setattr(write_module, "ROUND_BYTES", 4096)
    real, rounds = write_module._write_round, []

    def write(file, content):
        rounds.append(content.size)
        real(file, content)
        if last(comm) and len(rounds) == 2:
            raise MPI.Exception(MPI.ERR_NO_SPACE)

    monkeypatch.setattr(write_module, "_write_round", write)
    with parallel_raises(comm, FileError, r"cannot write .*/u\.npy: .*; check free") as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)
    parallel_assert(comm, len(rounds) == 2, f"{rounds}")


def test_write_that_comes_short_on_one_rank(comm, old_file, make_array, divide, monkeypatch):
    decomposition, block = divide(make_array((101, 67)), comm)

    class ShortStatus(MPI.Status):
        def Get_elements(self, datatype):  # noqa: N802 - MPI names it
            return super().Get_elements(datatype) - 8

    if last(comm):
        monkeypatch.setattr(write_module.MPI, "Status", ShortStatus)
    with parallel_raises(comm, FileError, r"of \d+ bytes were written") as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_fsync_that_fails_on_rank_0(comm, old_file, make_array, divide, monkeypatch):
    decomposition, block = divide(make_array((101, 67)), comm)

    def fail(descriptor):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(os, "fsync", fail)
    with parallel_raises(comm, FileError, r"bring .*/u\.npy to disk: .*quota") as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_rename_that_fails(comm, old_file, make_array, divide, monkeypatch):
    decomposition, block = divide(make_array((101, 67)), comm)

    def fail(source, target):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "replace", fail)
    with parallel_raises(comm, FileError, r"cannot write .*/u\.npy: .*Input/output") as caught:
        save(old_file, block, decomposition, comm, overwrite=True)
    assert_same_text(comm, caught)


def test_memory_that_runs_out_on_one_rank(comm, old_file, make_array, divide, monkeypatch):
    decomposition, block = divide(make_array((101, 67)), comm)
    real = save_module.as_bytes

    def describe(block, order):
        if last(comm):
            raise MemoryError("no room for a contiguous copy")
        return real(block, order)

    monkeypatch.setattr(save_module, "as_bytes", describe)
    with parallel_raises(comm, MemoryError, "no room"):
        save(old_file, block, decomposition, comm, overwrite=True)


def test_temporary_is_gone_when_any_rank_returns(comm, folder, make_array, divide, monkeypatch):
    decomposition, block = divide(make_array((101, 67)), comm)
    real = Replacement.discard

    def discard_slowly(replacement):
        sleep(0.3)
        real(replacement)

    def write(file, content):
        raise MPI.Exception(MPI.ERR_NO_SPACE)

    monkeypatch.setattr(Replacement, "discard", discard_slowly)
    monkeypatch.setattr(write_module, "_write_round", write)
    with pytest.raises(FileError):
        save(folder / "u.npy", block, decomposition, comm)
    left = list(folder.iterdir())
    parallel_assert(comm, not left, f"still there: {left}")


def test_file_larger_than_the_system_allows(comm, old_file, make_array, divide):
    """The system itself refuses, in the middle of the write, and not on every rank."""
    decomposition, block = divide(make_array((1024, 512)), comm)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, before[1]))
    try:
        with parallel_raises(comm, FileError, r"u\.npy") as caught:
            save(old_file, block, decomposition, comm, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert_same_text(comm, caught)
