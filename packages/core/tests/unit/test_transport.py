import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_core.message_buffer import DirectBuffer, HostBuffer, StagingBuffer
from hpcpy_core.transport import Transport, select_transport
from hpcpy_testing.emulated_cupy import install_emulated_cupy

HOST, STAGED, DIRECT = (
    Transport(name=name, reason="a test") for name in ("host", "staged", "direct")
)


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


@pytest.mark.parametrize("request_", ["auto", "host"])
def test_host_arrays_take_the_host_transport(request_):
    assert select_transport(request_, "cpu", "asked for").name == "host"


@pytest.mark.parametrize("request_", ["staged", "direct"])
def test_device_transports_need_a_device(request_):
    with pytest.raises(InputError, match=rf"--transport {request_} moves .* \(asked for\). Use"):
        select_transport(request_, "cpu", "asked for")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [("auto", "MPI was not proven to be CUDA-aware"), ("staged", "asked for")],
)
def test_device_arrays_are_staged(request_, reason):
    assert select_transport(request_, "gpu", "").reason == reason
    assert select_transport(request_, "gpu", "").name == "staged"


@pytest.mark.parametrize(("request_", "why"), [("host", "in host memory"), ("direct", "segfault")])
def test_what_device_arrays_cannot_take_is_refused(request_, why):
    with pytest.raises(InputError, match=f"--transport {request_} .*{why}.*Use --transport staged"):
        select_transport(request_, "gpu", "CuPy computes on it")


def test_each_transport_has_its_buffer(cupy):
    array = cupy.arange(3)
    kinds = [type(way.attach(array)) for way in (HOST, STAGED, DIRECT)]
    assert kinds == [HostBuffer, StagingBuffer, DirectBuffer]


@pytest.mark.parametrize("transport", [HOST, DIRECT], ids=["host", "direct"])
def test_array_and_message_are_the_same_memory(cupy, transport):
    array = np.arange(3) if transport is HOST else cupy.arange(3)
    for way in (transport.sendbuf, transport.recvbuf, transport.buffer):
        with way(array) as message:
            assert message is array


def test_nothing_stays_nothing():
    for way in (STAGED.sendbuf, STAGED.recvbuf):
        with way(None) as message:
            assert message is None


def test_what_is_sent_is_what_the_array_is(cupy):
    with STAGED.sendbuf(cupy.arange(3)) as message:
        assert type(message) is np.ndarray
        assert message.tolist() == [0, 1, 2]


def test_what_is_received_gets_into_the_array(cupy):
    array = cupy.zeros(3)
    with STAGED.recvbuf(array) as message:
        message[...] = [1, 2, 3]
    assert array.tolist() == [1, 2, 3]


def test_what_is_filled_in_part_keeps_the_rest(cupy):
    array = cupy.arange(3)
    with STAGED.buffer(array) as message:
        message[0] = 7
    assert array.tolist() == [7, 1, 2]


def test_an_array_is_left_alone_after_an_error(cupy):
    array = cupy.zeros(3)

    def fail_to_receive():
        with STAGED.recvbuf(array) as message:
            message[...] = 7
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_to_receive()
    assert array.tolist() == [0, 0, 0]
