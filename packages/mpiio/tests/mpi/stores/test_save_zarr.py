"""A saved array is the one that zarr reads, and no chunk has two writers.

Where zarr is not installed, saving and loading say so: that is tested everywhere.
"""

import importlib.util
import resource
import sys

import numpy as np
import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.stores import extras as extras_module
from hpcpy_mpiio.stores.load_zarr import load_zarr
from hpcpy_mpiio.stores.save_zarr import save_zarr
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

INSTALLED = importlib.util.find_spec("zarr") is not None
DTYPES = ["?", "<i1", ">i4", "<u8", "<f2", ">f8", "<f4", "<c8", ">c16", "<M8[s]"]


def needs_zarr(test):
    return test if INSTALLED else None


def saved(folder, array, comm):
    """Say what is wrong with the array that zarr finds, on rank 0."""
    if comm.rank != 0:
        return None
    import zarr

    found = zarr.open_array(str(folder / "u.zarr"), mode="r")
    if not np.array_equal(found[...], array) or found.dtype != array.dtype.newbyteorder("="):
        return f"found {found.dtype} {found.shape}"
    if found.nchunks_initialized != found.nchunks:
        return f"{found.nchunks_initialized} of {found.nchunks} chunks"
    left = [path.name for path in folder.iterdir()]
    return None if left == ["u.zarr"] else f"the folder holds {left}"


def test_missing_zarr_is_told_on_every_rank(comm, folder, make_array, divide, monkeypatch):
    real = extras_module.find_spec
    monkeypatch.setattr(  # on the last rank only
        extras_module,
        "find_spec",
        lambda name: None if comm.rank == comm.size - 1 else real(name) or sys,
    )
    monkeypatch.setattr(extras_module, "import_module", lambda name: None)
    decomposition, block = divide(make_array((5, 4)), comm)
    for call in (
        lambda: save_zarr(folder / "u.zarr", block, decomposition, comm),
        lambda: load_zarr(folder / "u.zarr", decomposition, comm),
    ):
        with parallel_raises(comm, InputError, "pip install --upgrade zarr"):
            call()
    parallel_assert(comm, not list(folder.iterdir()), "something was written")


@needs_zarr
@pytest.mark.parametrize("boundary", [0, 1])
@pytest.mark.parametrize("shape", [(103,), (101, 67), (3, 3), (7, 11, 5)], ids=str)
def test_every_shape(comm, folder, make_array, divide, shape, boundary):
    array = make_array(shape)
    decomposition, block = divide(array, comm, boundary=boundary)
    save_zarr(folder / "u.zarr", block, decomposition, comm)
    comm.Barrier()
    fault = saved(folder, array, comm)
    parallel_assert(comm, fault is None, fault)
    loaded = load_zarr(folder / "u.zarr", decomposition, comm)
    parallel_assert(comm, np.array_equal(loaded, block), "not loaded as saved")


@needs_zarr
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(comm, folder, make_array, divide, dtype):
    array = make_array((11, 7), dtype)
    decomposition, block = divide(array, comm)
    save_zarr(folder / "u.zarr", block, decomposition, comm)
    fault = saved(folder, array, comm)
    parallel_assert(comm, fault is None, fault)


@needs_zarr
@pytest.mark.parametrize("shape", [(1, 5), (0, 4)], ids=str)
def test_more_ranks_than_rows(comm, folder, make_array, divide, shape):
    array = make_array(shape)
    decomposition, block = divide(array, comm, (comm.size, 1))
    save_zarr(folder / "u.zarr", block, decomposition, comm)
    loaded = load_zarr(folder / "u.zarr", decomposition, comm)
    parallel_assert(comm, np.array_equal(loaded, block), "not loaded as saved")


@needs_zarr
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_chunks_of_zeros_are_written_too(comm, folder, divide, zero):
    array = np.full((11, 7), zero)
    decomposition, block = divide(array, comm)
    save_zarr(folder / "u.zarr", block, decomposition, comm)
    fault = saved(folder, array, comm)
    parallel_assert(comm, fault is None, fault)
    loaded = load_zarr(folder / "u.zarr", decomposition, comm)
    parallel_assert(comm, loaded.tobytes() == block.tobytes(), "the sign was lost")


@needs_zarr
def test_flipped_bit_is_found_by_the_checksum(comm, folder, divide):
    array = np.random.default_rng(1).random((64, 64))  # does not compress: a flip decodes well
    decomposition, block = divide(array, comm)
    save_zarr(folder / "u.zarr", block, decomposition, comm)
    if comm.rank == 0:
        chunk = folder / "u.zarr" / "c" / "0" / "0"
        content = bytearray(chunk.read_bytes())
        content[len(content) // 2] ^= 1
        chunk.write_bytes(content)
    comm.Barrier()
    with parallel_raises(comm, FileError, r"cannot read .*u\.zarr: .*checksum"):
        load_zarr(folder / "u.zarr", decomposition, comm)


@needs_zarr
def test_old_array_is_replaced_whole(comm, folder, make_array, divide):
    for shape in ((50, 40), (5, 4)):
        array = make_array(shape)
        decomposition, block = divide(array, comm)
        save_zarr(folder / "u.zarr", block, decomposition, comm, overwrite=True)
    fault = saved(folder, array, comm)
    parallel_assert(comm, fault is None, fault)


@needs_zarr
def test_another_number_of_ranks_reads(comm, subcomm, folder, make_array, divide):
    array = make_array((101, 67))
    decomposition, block = divide(array, comm)
    save_zarr(folder / "u.zarr", block, decomposition, comm)
    part = subcomm(max(1, comm.size - 1))
    if part is not None:
        decomposition, expected = divide(array, part)
        loaded = load_zarr(folder / "u.zarr", decomposition, part)
        parallel_assert(part, np.array_equal(loaded, expected), "not loaded as saved")


@needs_zarr
@pytest.mark.parametrize("dtype", ["O", "S3", "U2", "V7", "g", [("a", "f8")]], ids=str)
def test_items_without_a_portable_form(comm, folder, divide, dtype):
    decomposition, block = divide(np.zeros((5, 4), dtype), comm)
    with parallel_raises(comm, InputError, "has no portable form in Zarr"):
        save_zarr(folder / "u.zarr", block, decomposition, comm)
    parallel_assert(comm, not list(folder.iterdir()), "something was written")


@needs_zarr
def test_folder_that_is_no_zarr_array_is_kept(comm, folder, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    with parallel_raises(comm, InputError, "it is never replaced"):
        save_zarr(folder, block, decomposition, comm, overwrite=True)
    parallel_assert(comm, folder.is_dir(), "the folder is gone")


@needs_zarr
def test_failed_save_keeps_the_old_array(comm, folder, make_array, divide):
    array = make_array((101, 67))
    decomposition, block = divide(array, comm)
    save_zarr(folder / "u.zarr", block, decomposition, comm)
    noise = np.random.default_rng(1).random((512, 512))  # does not compress
    decomposition, block = divide(noise, comm)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, before[1]))
    try:
        with parallel_raises(comm, FileError, r"cannot write .*u\.zarr") as caught:
            save_zarr(folder / "u.zarr", block, decomposition, comm, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")
    fault = saved(folder, array, comm)
    parallel_assert(comm, fault is None, fault)


@needs_zarr
def test_decomposition_for_another_number_of_ranks(comm, folder):
    decomposition = Decomposition(shape=(60, 2), dims=(comm.size + 1, 1))
    block = np.zeros(decomposition.owned(comm.rank).shape)
    with parallel_raises(comm, InputError, "but the communicator has"):
        save_zarr(folder / "u.zarr", block, decomposition, comm)
