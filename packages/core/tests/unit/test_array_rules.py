import numpy as np
import pytest

from hpcpy_core.array_rules import refuse_masked
from hpcpy_core.errors import InputError

MASKED = [
    np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    np.ma.masked_array([1.0, 2.0]),  # nothing is hidden yet; numpy.save refuses it, too
    np.ma.masked_array(3),
    np.ma.masked,
    np.ma.masked_array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")], mask=[(True, False)])[0],
]


@pytest.mark.parametrize("array", MASKED, ids=["mask", "nomask", "0-d", "masked", "mvoid"])
def test_a_masked_array_is_refused_with_the_calls_that_mend_it(array):
    with pytest.raises(InputError, match=r"^u is a masked .* u\.filled\(value\), or u\.data"):
        refuse_masked(array, "u")


@pytest.mark.parametrize("array", [np.zeros(3), [1], None, 2.0])
def test_what_has_no_mask_is_not_refused(array):
    refuse_masked(array, "u")
