import numpy as np
import pytest

from hpcpy_mpiio.yardstick import compare_times
from hpcpy_mpiio.yardstick.compare_times import time_all
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

CASES = {
    "plain-write",
    "mpi-write",
    "save-rows",
    "save-columns",
    "numpy-save-small",
    "save-small",
    "numpy-fromfile",
    "load-rows",
}


@pytest.fixture(autouse=True)
def _narrow(monkeypatch):
    monkeypatch.setattr(compare_times, "COLUMNS", 64)


def test_every_case_is_timed_and_the_file_is_removed(comm, folder):
    seconds = time_all(64 << 10, 8 << 10, 2, folder, comm)
    parallel_assert(comm, set(seconds) == CASES, seconds)
    parallel_assert(comm, all(len(times) == 2 for times in seconds.values()), seconds)
    parallel_assert(comm, min(min(times) for times in seconds.values()) > 0, seconds)
    comm.Barrier()
    parallel_assert(comm, not list(folder.iterdir()), "left behind")


def test_all_ways_write_the_same_items_and_read_them(comm, folder):
    path = folder / "u.npy"
    size = 64 * 8 * 10
    expected = {}
    for way in compare_times._writers(size, path, comm).items():
        name, call = way
        call()
        comm.Barrier()
        expected[name] = np.fromfile(path, np.float64, offset=128 if "save" in name else 0)
        comm.Barrier()
        if comm.rank == 0:
            path.unlink()
        comm.Barrier()
    rows = compare_times.divide(size, (comm.size, 1))
    heights = [rows.owned(rank).shape[0] for rank in range(comm.size)]
    whole = np.repeat(np.arange(float(comm.size)), [64 * height for height in heights])
    for name in ("plain-write", "mpi-write", "save-rows"):
        parallel_assert(comm, np.array_equal(expected[name], whole), f"{name}: {expected[name]}")
    parallel_assert(comm, expected["save-columns"].size == whole.size, "columns")
    compare_times.save(path, compare_times.make_block(rows, comm.rank), rows, comm)
    for name, call in compare_times._readers(rows, path, comm).items():
        block = call()
        right = block.size == rows.owned(comm.rank).size and (block == comm.rank).all()
        parallel_assert(comm, right, f"{name}: {block}")
