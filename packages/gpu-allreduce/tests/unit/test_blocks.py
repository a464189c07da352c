import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce.blocks import find_block
from hpcpy_testing.emulated_cupy import install_emulated_cupy


def test_the_block_of_an_array_of_numpy():
    array = np.zeros((2, 3), "float32")
    block = find_block(array, "sendbuf")
    assert (block.shape, block.dtype, block.nbytes) == ((2, 3), np.dtype("float32"), 24)
    assert block.address == array.ctypes.data
    assert str(block) == "float32 of shape (2, 3) in host memory"


def test_the_block_of_an_array_on_a_device(monkeypatch):
    cupy = install_emulated_cupy(monkeypatch)
    assert find_block(cupy.zeros(3), "recvbuf").on_device
    assert find_block(cupy.zeros(0), "sendbuf").nbytes == 0
    with pytest.raises(InputError, match="pass cupy"):
        find_block(cupy.zeros((4, 4))[:, 1], "sendbuf")
    with pytest.raises(InputError, match="bool is no number"):
        find_block(cupy.zeros(3, bool), "sendbuf")


READ_ONLY = np.zeros(3)
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("array", "name", "words"),
    [
        ([1, 2], "sendbuf", r"sendbuf is a list, .* pass numpy\.asarray\(sendbuf\)"),
        (None, "recvbuf", "recvbuf is a NoneType"),
        (np.zeros((4, 4))[:, ::2], "sendbuf", r"numpy\.ascontiguousarray\(sendbuf\)"),
        (np.zeros((4, 4)).T, "recvbuf", "in another order"),
        (READ_ONLY, "recvbuf", "read-only"),
        (np.zeros(3, bool), "sendbuf", "bool is no number"),
    ],
)
def test_what_is_no_block_of_numbers_is_refused(array, name, words):
    with pytest.raises(InputError, match=words):
        find_block(array, name)


def test_what_is_sent_may_be_read_only():
    assert find_block(READ_ONLY, "sendbuf").nbytes == 24
