"""Every example and every operation of the benchmark is right on a GPU, staged and direct."""

import pytest

from hpcpy_collectives.examples import TOPICS
from hpcpy_collectives.measure import verify
from hpcpy_collectives.plan import list_cases
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

EXAMPLES = {example.name: example for examples in TOPICS.values() for example in examples}
SMALL = {"large_counts": {"blocks": 3}}
SIZES = (8, 1000, 2**20)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_right(comm, device, name):
    result = EXAMPLES[name].load()(comm, device, **SMALL.get(name, {}))
    parallel_assert(comm, result.correct, f"{result.lines} {result.expected}")


@pytest.mark.parametrize("size", SIZES)
def test_every_operation_that_is_measured_is_right(comm, device, size):
    for case in list_cases(None, ("buffer",), (size,), comm.size, iterations=1, warmup=0):
        prepared = case.operation.prepare(comm, case.size, case.api, device)
        verify(case, prepared, comm)
