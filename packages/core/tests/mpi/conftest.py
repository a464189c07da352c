"""Device arrays without a GPU, for the files that need them."""

import pytest

from hpcpy_core.errors import InputError
from hpcpy_testing.emulated_driver import require_driver_environment


@pytest.fixture(scope="session")
def with_emulated_driver():
    """Fail, in one line, where MPI would not find the driver that device arrays are made with."""
    try:
        require_driver_environment()
    except InputError as error:
        pytest.fail(str(error), pytrace=False)
