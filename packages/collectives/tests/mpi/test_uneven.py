"""The vector collectives with fewer items than ranks, none at all, and many."""

import pytest

from hpcpy_collectives.examples.allgatherv import allgatherv
from hpcpy_collectives.examples.alltoallv import alltoallv
from hpcpy_collectives.examples.gatherv import gatherv
from hpcpy_collectives.examples.scatterv import scatterv
from hpcpy_core.device import CPU
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("items", [0, 1, 2, 3, 5, 1000, 100_003])
@pytest.mark.parametrize("example", [scatterv, gatherv, allgatherv, alltoallv])
def test_any_number_of_items(comm, example, items):
    result = example(comm, CPU, items=items)
    parallel_assert(comm, result.correct, result.expected)
