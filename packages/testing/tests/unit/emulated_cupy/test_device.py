"""The emulated GPU."""

import pytest

from hpcpy_testing.emulated_cupy.device import check_cooperative
from hpcpy_testing.emulated_kernels import KernelError


def test_it_tells_what_it_has(cupy):
    device = cupy.cuda.Device()
    assert device.attributes["MultiProcessorCount"] == 4
    assert device.compute_capability == "90"
    with cupy.cuda.Device(0) as current:
        current.use().synchronize()
    assert cupy.used == [0]
    assert cupy.synchronized == 1


@pytest.mark.parametrize(
    ("threads", "shared", "most"),
    [(1024, 0, 8), (512, 0, 16), (32, 0, 128), (32, 100_000, 8), (32, 232_448, 4)],
)
def test_as_many_blocks_are_alive_as_a_multiprocessor_holds(threads, shared, most):
    check_cooperative((most,), (threads,), shared)
    with pytest.raises(KernelError, match=f"at most {most}"):
        check_cooperative((most + 1,), (threads,), shared)
