"""The checksums of a field: the same for any number of ranks, and a flipped bit is named."""

import zlib

import numpy as np
import pytest

from hpcpy_core.errors import FileError
from hpcpy_mpiio.checkpoints import slab_checksums
from hpcpy_mpiio.checkpoints.checksum_field import checksum_field, verify_field
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def small_slabs(monkeypatch):
    """Slabs of 3 rows of the field below, so that there are more of them than ranks."""
    monkeypatch.setattr(slab_checksums, "SLAB_BYTES", 3 * 7 * 8)


@pytest.fixture
def saved(comm, folder, make_array, small_slabs):
    """A file of 20 rows, and its array."""
    array = make_array((20, 7))
    if comm.rank == 0:
        np.save(folder / "u.npy", array)
    comm.Barrier()
    return folder / "u.npy", array


def flip(comm, path, row):
    """Flip one bit in the middle of a row of 7 items of 8 bytes."""
    if comm.rank == 0:
        content = bytearray(path.read_bytes())
        content[len(content) - (20 - row) * 56 + 30] ^= 16
        path.write_bytes(content)
    comm.Barrier()


def test_any_number_of_ranks_finds_the_same(comm, saved):
    path, array = saved
    record = checksum_field(path, comm)
    expected = [f"{zlib.crc32(array[i : i + 3].tobytes()):08x}" for i in range(0, 20, 3)]
    parallel_assert(comm, list(record.checksums) == expected, f"{record}")
    parallel_assert(comm, (record.shape, record.dtype) == ((20, 7), "<f8"), f"{record}")
    verify_field(path, record, comm)


def test_more_ranks_than_slabs_and_no_slab_at_all(comm, folder):
    for shape in ((1, 3), (), (0, 4)):
        if comm.rank == 0:
            np.save(folder / "v.npy", np.ones(shape))
        comm.Barrier()
        record = checksum_field(folder / "v.npy", comm)
        count = 0 if 0 in shape else 1
        parallel_assert(comm, len(record.checksums) == count, f"{record}")
        verify_field(folder / "v.npy", record, comm)
        comm.Barrier()


@pytest.mark.parametrize(
    ("row", "words"), [(0, r"slab 0 \(rows 0 to 2\)"), (19, r"slab 6 \(rows 18 to 19\)")]
)
def test_a_flipped_bit_is_named(comm, saved, row, words):
    path, _ = saved
    record = checksum_field(path, comm)
    flip(comm, path, row)
    with parallel_raises(comm, FileError, rf"^u\.npy is damaged in {words}: its checksum"):
        verify_field(path, record, comm)


def test_the_first_of_several_is_named(comm, saved):
    path, _ = saved
    record = checksum_field(path, comm)
    flip(comm, path, 4)
    flip(comm, path, 10)
    with parallel_raises(comm, FileError, r"in slab 1 \(rows 3 to 5\) and 1 more: "):
        verify_field(path, record, comm)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda old: old[:-100], r"u\.npy is truncated"),
        (lambda old: old + b"x", r"u\.npy is too long"),
        (lambda old: b"nothing", r"u\.npy cannot be read as \.npy"),
        (lambda old: old.replace(b"(20, 7)", b"(7, 20)"), r"holds an array of shape \(7, 20\)"),
        (lambda old: old.replace(b"<f8", b"<i8"), "and dtype int64, the metadata says"),
        (lambda old: old.replace(b"False", b"True "), "in Fortran order"),
        (lambda old: None, "does not exist"),
    ],
)
def test_another_file_is_refused(comm, saved, content, words):
    path, _ = saved
    record = checksum_field(path, comm)
    if comm.rank == 0:
        changed = content(path.read_bytes())
        path.unlink() if changed is None else path.write_bytes(changed)
    comm.Barrier()
    with parallel_raises(comm, FileError, words):
        verify_field(path, record, comm)
