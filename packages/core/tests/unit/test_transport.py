import pytest

from hpcpy_core.device import Device
from hpcpy_core.errors import InputError
from hpcpy_core.transport import select_transport

CPU = Device(kind="cpu", reason="asked for")


@pytest.mark.parametrize("request_", ["auto", "host"])
def test_host_arrays_take_the_host_transport(request_):
    assert select_transport(request_, CPU).name == "host"


@pytest.mark.parametrize("request_", ["staged", "direct"])
def test_device_transports_need_a_device(request_):
    with pytest.raises(InputError, match=f"--transport {request_} moves device arrays"):
        select_transport(request_, CPU)
