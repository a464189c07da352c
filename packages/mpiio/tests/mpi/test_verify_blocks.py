"""What the disk made of a block is noticed by another rank, before the file has its name."""

import numpy as np
import pytest

from hpcpy_core.errors import FileError
from hpcpy_mpiio import save_npy as save_module
from hpcpy_mpiio import verify_blocks as verify_module
from hpcpy_mpiio.save_npy import save
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def corrupt(comm, monkeypatch):
    """Let the disk change one byte of what it was given, `back` bytes before the end."""
    real = save_module.bring_to_disk

    def corrupt(back):
        def bring(replacement, comm):
            real(replacement, comm)
            if comm.rank == 0:
                with replacement.temporary.open("r+b") as stream:
                    stream.seek(-back, 2)
                    (old,) = stream.read(1)
                    stream.seek(-back, 2)
                    stream.write(bytes([old ^ 1]))
            comm.Barrier()

        monkeypatch.setattr(save_module, "bring_to_disk", bring)

    return corrupt


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("writer", ["first", "last"])
def test_block_that_changed_on_the_disk(comm, folder, make_array, divide, corrupt, order, writer):
    array, path = make_array((8, 6)), folder / "u.npy"
    decomposition, block = divide(array, comm, (comm.size, 1))
    save(path, block, decomposition, comm)
    rank = 0 if writer == "first" else comm.size - 1
    corrupt(array.nbytes if writer == "first" else 1)  # the first or last item, in either order
    owned = decomposition.owned(rank)
    place = rf"\[{owned.start[0]}:{owned.stop[0]}, 0:6\] of rank {rank}, "
    reader = f"read back by rank {(rank + 1) % comm.size}"
    with parallel_raises(comm, FileError, rf"/u\.npy was not written.*{place}{reader}") as caught:
        save(path, block, decomposition, comm, overwrite=True, order=order, verify=True)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")
    parallel_assert(comm, np.array_equal(np.load(path), array), "the old file has changed")
    parallel_assert(comm, list(folder.iterdir()) == [path], "a temporary is left")


def test_header_that_changed_on_the_disk(comm, folder, make_array, divide, corrupt):
    array = make_array((8, 6))
    decomposition, block = divide(array, comm)
    corrupt(array.nbytes + 128)
    with parallel_raises(comm, FileError, "magic"):
        save(folder / "u.npy", block, decomposition, comm, verify=True)
    parallel_assert(comm, not list(folder.iterdir()), "something is left")


def test_without_verify_nobody_looks(comm, folder, make_array, divide, corrupt):
    array = make_array((8, 6))
    decomposition, block = divide(array, comm)
    corrupt(1)
    save(folder / "u.npy", block, decomposition, comm)
    different = comm.rank != 0 or not np.array_equal(np.load(folder / "u.npy"), array)
    parallel_assert(comm, different, "the case needs a changed item")


def test_cache_that_cannot_be_dropped_does_no_harm(comm, folder, make_array, divide, monkeypatch):
    def refuse(path):
        raise OSError("not here")

    monkeypatch.setattr(verify_module, "drop_cached", refuse)
    decomposition, block = divide(make_array((8, 6)), comm)
    found = save(folder / "u.npy", block, decomposition, comm, verify=True)
    parallel_assert(comm, found.verified, str(found))
