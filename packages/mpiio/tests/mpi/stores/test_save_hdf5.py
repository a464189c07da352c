"""A saved array is the one that h5py reads, where h5py is built with MPI.

Elsewhere, and pip's wheels are elsewhere, saving and loading say what is missing.
"""

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.stores import extras as extras_module
from hpcpy_mpiio.stores import save_hdf5 as save_module
from hpcpy_mpiio.stores.load_hdf5 import load_hdf5
from hpcpy_mpiio.stores.save_hdf5 import save_hdf5
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

if importlib.util.find_spec("h5py") is None:
    PARALLEL = False
else:
    import h5py

    PARALLEL = h5py.get_config().mpi
DTYPES = ["?", "<i1", ">i4", "<u8", "<f2", ">f8", "<c8", ">c16", "S3", "V7"]
DTYPES += [[("a", "<i2"), ("b", ">f8")]]


def needs_parallel_h5py(test):
    return test if PARALLEL else None


def saved(folder, array, comm, name="data"):
    """Say what is wrong with the dataset that one process finds, on rank 0."""
    if comm.rank != 0:
        return None
    with h5py.File(folder / "u.h5", "r") as file:
        found = file[name][()]
    if found.tobytes() != array.tobytes() or found.dtype != array.dtype:
        return f"found {found.dtype} {found.shape}"
    left = [path.name for path in folder.iterdir()]
    return None if left == ["u.h5"] else f"the folder holds {left}"


@pytest.mark.parametrize("there", [False, True], ids=["no h5py", "h5py without MPI"])
def test_what_is_missing_is_told_on_every_rank(
    comm, folder, make_array, divide, monkeypatch, there
):
    module = SimpleNamespace(
        __version__="9", get_config=lambda: SimpleNamespace(mpi=comm.rank != comm.size - 1)
    )
    monkeypatch.setattr(  # on the last rank only
        extras_module,
        "find_spec",
        lambda name: module if there or comm.rank != comm.size - 1 else None,
    )
    monkeypatch.setattr(extras_module, "import_module", lambda name: module)
    if not there:
        module.get_config = lambda: SimpleNamespace(mpi=True)
    decomposition, block = divide(np.zeros((5, 4)), comm)
    words = "h5py 9 is built without MPI" if there else "h5py is not installed"
    with parallel_raises(comm, InputError, rf"{words}.*HDF5_MPI=ON"):
        load_hdf5(folder / "u.h5", decomposition, comm)
    module.h5t = SimpleNamespace(py_create=lambda dtype, logical: None)
    with parallel_raises(comm, InputError, rf"{words}.*HDF5_MPI=ON"):
        save_hdf5(folder / "u.h5", block, decomposition, comm)
    parallel_assert(comm, not list(folder.iterdir()), "something was written")


@needs_parallel_h5py
@pytest.mark.parametrize("boundary", [0, 1])
@pytest.mark.parametrize("shape", [(103,), (101, 67), (3, 3), (7, 11, 5)], ids=str)
def test_every_shape(comm, folder, make_array, divide, shape, boundary):
    array = make_array(shape)
    decomposition, block = divide(array, comm, boundary=boundary)
    save_hdf5(folder / "u.h5", block, decomposition, comm)
    fault = saved(folder, array, comm)
    parallel_assert(comm, fault is None, fault)
    loaded = load_hdf5(folder / "u.h5", decomposition, comm)
    parallel_assert(comm, np.array_equal(loaded, block), "not loaded as saved")


@needs_parallel_h5py
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype(comm, folder, make_array, divide, dtype):
    array = make_array((11, 7), dtype)
    decomposition, block = divide(array, comm)
    save_hdf5(folder / "u.h5", block, decomposition, comm)
    fault = saved(folder, array, comm)
    parallel_assert(comm, fault is None, fault)
    loaded = load_hdf5(folder / "u.h5", decomposition, comm)
    parallel_assert(comm, loaded.tobytes() == block.tobytes(), "not loaded as saved")


@needs_parallel_h5py
@pytest.mark.parametrize("shape", [(1, 5), (0, 4)], ids=str)
def test_more_ranks_than_rows(comm, folder, make_array, divide, shape):
    array = make_array(shape)
    decomposition, block = divide(array, comm, (comm.size, 1))
    save_hdf5(folder / "u.h5", block, decomposition, comm)
    loaded = load_hdf5(folder / "u.h5", decomposition, comm)
    parallel_assert(comm, np.array_equal(loaded, block), "not loaded as saved")


@needs_parallel_h5py
def test_dataset_in_a_group_replaces_an_old_file(comm, folder, make_array, divide):
    for shape in ((50, 40), (5, 4)):
        array = make_array(shape)
        decomposition, block = divide(array, comm)
        save_hdf5(folder / "u.h5", block, decomposition, comm, name="a/b", overwrite=True)
    fault = saved(folder, array, comm, name="a/b")
    parallel_assert(comm, fault is None, fault)
    with parallel_raises(comm, InputError, r"has no dataset 'data': it holds a; pass name="):
        load_hdf5(folder / "u.h5", decomposition, comm)


@needs_parallel_h5py
@pytest.mark.parametrize("dtype", ["O", "U2", "<M8[s]"])
def test_items_without_a_type_in_hdf5(comm, folder, divide, dtype):
    decomposition, block = divide(np.zeros((5, 4), dtype), comm)
    with parallel_raises(comm, InputError, "cannot be saved as HDF5"):
        save_hdf5(folder / "u.h5", block, decomposition, comm)
    parallel_assert(comm, not list(folder.iterdir()), "something was written")


@needs_parallel_h5py
def test_another_shape(comm, folder, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    save_hdf5(folder / "u.h5", block, decomposition, comm)
    other, _ = divide(make_array((4, 5)), comm)
    with parallel_raises(comm, InputError, r"make one with shape=\(5, 4\)"):
        load_hdf5(folder / "u.h5", other, comm)


@needs_parallel_h5py
def test_missing_file_and_no_hdf5(comm, folder, make_array, divide):
    decomposition, _ = divide(make_array((5, 4)), comm)
    with parallel_raises(comm, InputError, "does not exist"):
        load_hdf5(folder / "u.h5", decomposition, comm)
    if comm.rank == 0:
        (folder / "u.h5").write_bytes(b"no HDF5" * 100)
    comm.Barrier()
    with parallel_raises(comm, FileError, "cannot open"):
        load_hdf5(folder / "u.h5", decomposition, comm)


@needs_parallel_h5py
def test_failed_step_keeps_the_old_file(comm, folder, make_array, divide, monkeypatch):
    # Not a full disk: HDF5 1.10 crashes at the end of a process in which it could not write.
    array = make_array((11, 7))
    decomposition, block = divide(array, comm)
    save_hdf5(folder / "u.h5", block, decomposition, comm)
    comm.Barrier()
    real = save_module.select

    def fail_on_the_last_rank(dataset, place):
        if comm.rank == comm.size - 1:
            raise RuntimeError("no such selection")
        return real(dataset, place) | {"dxpl": None}  # the others do not wait for it

    monkeypatch.setattr(save_module, "select", fail_on_the_last_rank)
    with parallel_raises(comm, FileError, r"cannot write .*u\.h5: no such selection") as caught:
        save_hdf5(folder / "u.h5", -block, decomposition, comm, overwrite=True)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")
    fault = saved(folder, array, comm)
    parallel_assert(comm, fault is None, fault)
