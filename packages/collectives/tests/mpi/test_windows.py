"""A window moves every message, and its answer keeps the sender from running ahead."""

import numpy as np
import pytest

from hpcpy_collectives.operations import WINDOW
from hpcpy_collectives.windows import buffer_windows, pickled_windows
from hpcpy_core.device import CPU
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.fixture
def pair(comm, subcomm):
    """The first two ranks, or a rank and itself."""
    part = subcomm(min(2, comm.size))
    return part, None if part is None else (part.rank + 1) % part.size


@pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
def test_an_array_arrives(comm, pair, both):
    part, peer = pair
    both |= comm.size == 1  # to itself, a rank is both ends
    if part is None:
        return
    sent, received = np.full(5, part.rank, np.uint8), np.full(5, 255, np.uint8)
    window = buffer_windows(
        part, peer, sent, received, CPU.transport, leads=part.rank == 0, both=both
    )
    for _ in range(2):
        window()
    expected = peer if both or part.rank else 255
    parallel_assert(part, received.tolist() == [expected] * 5, f"{received}")


@pytest.mark.parametrize("api", ["pickle", "pickle5"])
@pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
def test_the_last_object_is_returned(comm, pair, api, both):
    part, peer = pair
    both |= comm.size == 1
    if part is None:
        return
    sent = np.full(5, part.rank, np.uint8)
    returned = pickled_windows(part, api, peer, sent, leads=part.rank == 0, both=both)()
    right = returned.tolist() == [peer] * 5 if both or part.rank else returned is None
    parallel_assert(part, right, f"{returned}")


def test_a_window_is_64_messages(comm):
    parallel_assert(comm, WINDOW == 64)
