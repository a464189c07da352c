import numpy as np
import pytest

from hpcpy_gpu_allreduce.names import UFUNCS
from hpcpy_gpu_allreduce.warm_up import expect


@pytest.mark.parametrize("operation", UFUNCS)
@pytest.mark.parametrize("ranks", [1, 2, 5])
def test_what_is_expected_is_what_the_operation_gives(operation, ranks):
    pattern = np.array([1, 2, 3, 4, 5, 1])
    items = np.array([pattern, *[np.ones(6, int)] * (ranks - 1)])
    reduced = getattr(np, UFUNCS[operation]).reduce(items)
    assert expect(pattern, operation, ranks).tolist() == reduced.tolist()
