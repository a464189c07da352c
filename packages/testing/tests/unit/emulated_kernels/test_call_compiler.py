"""What is said of a compiler that fails."""

import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_testing.emulated_kernels.call_compiler import call_compiler


def test_its_first_words_are_told():
    with pytest.raises(HpcpyError, match=r"^sh refuses a CUDA source: first error"):
        call_compiler(["sh", "-c", "echo first error >&2; seq 2000 >&2; exit 1"])
