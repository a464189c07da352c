import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.settle_device import settle_device


@pytest.mark.parametrize("request_", ["auto", "cpu", "gpu", "gpu:1"])
def test_auto_leaves_the_device_as_it_was_asked_for(request_):
    assert settle_device(request_, "auto") == request_


@pytest.mark.parametrize(
    ("asked", "kernel", "settled"),
    [
        ("auto", "numba", "cpu"),
        ("cpu", "numba", "cpu"),
        ("auto", "cupy-raw", "gpu"),
        ("gpu", "cupy-raw", "gpu"),
        ("gpu:1", "cupy", "gpu:1"),
    ],
)
def test_a_kernel_settles_the_device(asked, kernel, settled):
    assert settle_device(asked, kernel) == settled


@pytest.mark.parametrize(
    ("asked", "kernel", "cure"),
    [
        ("gpu", "numba", "--device cpu"),
        ("gpu:1", "numba", "--device cpu"),
        ("cpu", "cupy-raw", "--device gpu"),
    ],
)
def test_a_kernel_of_the_other_kind_is_refused(asked, kernel, cure):
    with pytest.raises(InputError, match=cure):
        settle_device(asked, kernel)


@pytest.mark.parametrize(("asked", "known"), [("auto", "numba"), ("gpu", "cupy-tiled")])
def test_an_unknown_kernel_is_refused(asked, known):
    with pytest.raises(InputError, match=f"unknown kernel 'nump'.*{known}"):
        settle_device(asked, "nump")
