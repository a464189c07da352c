import pytest

from hpcpy_mpiio.yardstick.compare_memory import weigh
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SIZE = 32 << 20


@pytest.mark.parametrize("what", ["save-rows", "load-columns"])
def test_what_is_weighed(comm, folder, what):
    """In a process that has had more, only the figures' order of magnitude can be tested."""
    found = weigh(what, SIZE, folder, comm)
    parallel_assert(comm, abs(found["block"] - SIZE / comm.size) <= 4096 * 8, found)
    least = found["block"] // 2 if what.startswith("load") else 0
    parallel_assert(comm, least <= found["grown"] < 8 * SIZE, found)
    comm.Barrier()
    parallel_assert(comm, not list(folder.iterdir()), "left behind")
