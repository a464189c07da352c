import pytest

from hpcpy_testing.announced import RANK_VARIABLES, announced_rank


@pytest.mark.parametrize("variable", RANK_VARIABLES)
def test_each_launchers_variable_is_read(variable):
    assert announced_rank({variable: "3"}) == 3


@pytest.mark.parametrize("environ", [{}, {"PMI_RANK": ""}, {"PMI_RANK": "-1"}])
def test_no_rank_outside_a_job(environ):
    assert announced_rank(environ) is None
