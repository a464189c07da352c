import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import CPU
from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce.blocks import find_block
from hpcpy_gpu_allreduce.prepare_arrays import (
    STAGED_GPU,
    check_device,
    find_device,
    make_like,
    pair_up,
)
from hpcpy_testing.emulated_cupy import install_emulated_cupy


def test_the_same_memory_is_one_array_however_it_is_given():
    array = np.zeros(4)
    for sendbuf in (array, array[:], MPI.IN_PLACE):
        mine, into, block = pair_up(sendbuf, array)
        assert mine is into is array
        assert block.nbytes == 32


def test_separate_arrays_stay_separate():
    array, other = np.zeros(8), np.zeros(4)
    assert pair_up(array[:4], array[4:])[0] is not array[4:]
    mine, into, _ = pair_up(array[:4], other)
    assert into is other
    assert mine is not other
    nothing = np.zeros(0)
    assert pair_up(nothing, nothing[:])[0] is nothing


@pytest.mark.parametrize(
    ("sendbuf", "recvbuf", "words"),
    [
        (np.zeros(3), np.zeros(4), r"sendbuf is float64 of shape \(3,\).* \(4,\)"),
        (np.zeros(3), np.zeros((3, 1)), "but recvbuf is"),
        (np.zeros(3), np.zeros(3, "f4"), "recvbuf is float32"),
    ],
)
def test_arrays_that_differ_are_refused(sendbuf, recvbuf, words):
    with pytest.raises(InputError, match=words):
        pair_up(sendbuf, recvbuf)


def test_arrays_that_overlap_in_part_are_refused():
    array = np.zeros(6)
    with pytest.raises(InputError, match="share a part of their memory"):
        pair_up(array[:4], array[2:])
    with pytest.raises(InputError, match="share a part of their memory"):
        pair_up(array[2:], array[:4])


def test_host_and_device_are_told_apart(monkeypatch):
    cupy = install_emulated_cupy(monkeypatch)
    with pytest.raises(InputError, match=r"in host memory, but recvbuf is .* in device memory"):
        pair_up(np.zeros(3), cupy.zeros(3))
    assert find_device(np.zeros(3)) is CPU
    assert find_device(cupy.zeros(3)) is STAGED_GPU
    assert type(make_like(cupy.zeros((3, 2)))) is cupy.ndarray
    check_device(find_block(cupy.zeros(3), "sendbuf"), STAGED_GPU)
    with pytest.raises(InputError, match=r"pass array\.get\(\)"):
        check_device(find_block(cupy.zeros(3), "sendbuf"), CPU)
    with pytest.raises(InputError, match=r"pass cupy\.asarray\(array\)"):
        check_device(find_block(np.zeros(3), "sendbuf"), STAGED_GPU)


def test_a_result_is_like_what_is_sent():
    made = make_like(np.zeros((2, 3), "i2"))
    assert (made.shape, made.dtype) == ((2, 3), np.dtype("i2"))
    with pytest.raises(InputError, match="IN_PLACE needs a recvbuf"):
        make_like(MPI.IN_PLACE)
