import pytest

from hpcpy_collectives.operations import OPERATIONS
from hpcpy_collectives.prepare_point_to_point import find_partner, prepare_point_to_point
from hpcpy_core.device import CPU
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize(
    ("name", "ranks", "partners"),
    [
        ("latency", 4, [1, 0, None, None]),
        ("bw", 2, [1, 0]),
        ("bibw", 3, [1, 0, None]),
        ("multi_lat", 2, [1, 0]),
        ("multi_lat", 4, [2, 3, 0, 1]),
        ("multi_lat", 5, [2, 3, 0, 1, None]),
    ],
)
def test_partners_are_those_of_osu(comm, name, ranks, partners):
    found = [find_partner(OPERATIONS[name], rank, ranks) for rank in range(ranks)]
    parallel_assert(comm, found == partners, str(found))


def test_whose_time_counts(comm):
    if comm.size == 1:
        return
    timed = {
        name: comm.allgather(prepare_point_to_point(OPERATIONS[name], comm, 8, "buffer", CPU).timed)
        for name in ("latency", "bw", "bibw", "multi_lat")
    }
    pairs = comm.size // 2
    for name in ("latency", "bw", "bibw"):
        parallel_assert(comm, timed[name] == [True] + [False] * (comm.size - 1), str(timed))
    expected = [True] * (2 * pairs) + [False] * (comm.size % 2)
    parallel_assert(comm, timed["multi_lat"] == expected, str(timed))
