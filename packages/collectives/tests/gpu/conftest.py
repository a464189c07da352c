"""A device for the GPU tests: a real one, or an emulated CuPy's where a GPU is rehearsed."""

import ctypes

import pytest

from hpcpy_core.awareness import OPERATIONS
from hpcpy_core.device import Device, select_device
from hpcpy_core.transport import Transport
from hpcpy_testing.emulated_cupy import install_emulated_cupy


def is_rehearsed():
    """Tell whether the driver of this process is the emulated one, over which nothing computes."""
    try:
        return hasattr(ctypes.CDLL("libcuda.so.1"), "hpcpyEmulatedPending")
    except OSError:
        pytest.fail(
            "no GPU here: rehearse these tests by `hpcpy-testing --emulated-driver`", pytrace=False
        )


@pytest.fixture(params=["staged", "direct"])
def device(request, comm, monkeypatch):
    """Give the GPU of this rank; direct is for what was proven here, staged for the rest.

    In a rehearsal the arrays are NumPy's in disguise: any MPI takes them in any operation.
    """
    if is_rehearsed():
        install_emulated_cupy(monkeypatch)
        transport = Transport(
            name=request.param, reason="rehearsed", direct_for=frozenset(OPERATIONS)
        )
        return Device(kind="gpu", reason="rehearsed", transport=transport)
    return select_device("gpu", request.param, comm, gpu=True)
