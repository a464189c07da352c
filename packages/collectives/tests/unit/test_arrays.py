import numpy as np
import pytest

from hpcpy_collectives.arrays import array_namespace
from hpcpy_core.device import Device
from hpcpy_core.errors import InputError


def test_the_cpu_has_numpy():
    assert array_namespace(Device(kind="cpu", reason="asked for")) is np


def test_another_device_is_refused_with_its_reason():
    with pytest.raises(InputError, match=r"the device is gpu \(cupy sees one\): use --device cpu"):
        array_namespace(Device(kind="gpu", reason="cupy sees one"))
