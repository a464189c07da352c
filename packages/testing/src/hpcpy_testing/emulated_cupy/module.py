# ruff: noqa: ANN401 - it stands in for functions of all types
"""The module that ``import cupy`` finds."""

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hpcpy_core import cuda_driver
from hpcpy_testing.emulated_cupy import current_stream
from hpcpy_testing.emulated_cupy.current_stream import Event, Stream, elapsed_time
from hpcpy_testing.emulated_cupy.device import Device
from hpcpy_testing.emulated_cupy.device_array import DeviceArray, on_device, to_host
from hpcpy_testing.emulated_cupy.guarded import guarded
from hpcpy_testing.emulated_cupy.raw_module import CompileException, RawModule
from hpcpy_testing.host_driver import HostDriver

__all__ = ["EmulatedCupy", "install_emulated_cupy"]

UNWRITTEN = ("empty", "empty_like")
MAKERS = (
    *("arange", "array", "asarray", "full", "full_like", "ones", "ones_like"),
    *("zeros", "zeros_like", *UNWRITTEN),
)
"""What they make is `guarded`, and as aligned as CuPy's memory."""


class EmulatedCupy(ModuleType):
    """The module: NumPy's functions, on device arrays.

    Attributes
    ----------
    driver
        What `hpcpy_core` copies with, and waits for.
    synchronized
        How often the program waited for the device; may be set.
    pinned
        The host memory that was made for copies.
    """

    ndarray = DeviceArray
    RawModule = RawModule

    def __init__(self, devices: int = 1) -> None:
        super().__init__("cupy")
        self.driver = HostDriver(devices)
        self.used: list[int] = []
        self.cuda = SimpleNamespace(
            runtime=SimpleNamespace(getDeviceCount=lambda: devices),
            compiler=SimpleNamespace(CompileException=CompileException),
            get_current_stream=lambda: current_stream.current_stream(),
            Device=lambda index=None: Device(self.driver, self.used, index),
            Stream=self._make_stream,
            ExternalStream=lambda ptr: Stream(self.driver, ptr),
            Event=Event,
            get_elapsed_time=elapsed_time,
        )
        self.random = SimpleNamespace(default_rng=_Generator)

    def __getattr__(self, name: str) -> Any:
        """Return NumPy's function, or type, of this name."""
        found = getattr(np, name)
        if name in MAKERS:
            return _maker(found)
        return on_device(found) if callable(found) and not isinstance(found, type) else found

    def asnumpy(self, array: Any) -> npt.NDArray[Any]:
        """Copy to the host."""
        return array.get() if isinstance(array, DeviceArray) else np.asarray(array)

    def get_default_memory_pool(self) -> SimpleNamespace:
        """Return a pool that keeps nothing."""
        return SimpleNamespace(free_all_blocks=lambda: None)

    @property
    def synchronized(self) -> int:
        """The driver's."""
        return self.driver.synchronized

    @synchronized.setter
    def synchronized(self, count: int) -> None:
        self.driver.synchronized = count

    @property
    def pinned(self) -> list[npt.NDArray[np.uint8]]:
        """The driver's."""
        return list(self.driver.pinned.values())

    def _make_stream(self, *, non_blocking: bool = False) -> Stream:
        if not non_blocking:
            raise ValueError("the emulation has only streams with non_blocking=True")
        return Stream(self.driver, self.driver.make_stream())


class _Generator:
    """A random generator whose arrays are on the device."""

    def __init__(self, seed: Any) -> None:
        self.host = np.random.default_rng(seed)

    def __getattr__(self, name: str) -> Any:
        return on_device(getattr(self.host, name))


def install_emulated_cupy(monkeypatch: pytest.MonkeyPatch, devices: int = 1) -> EmulatedCupy:
    """Make ``import cupy`` and `hpcpy_core` find the emulation until the test ends. Local."""
    cupy = EmulatedCupy(devices)
    cupy.__spec__ = SimpleNamespace(name="cupy")  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(cuda_driver, "load_driver", lambda: cupy.driver)
    monkeypatch.setattr(current_stream, "stack", [Stream(cupy.driver, 0)])
    return cupy


def _maker(function: Callable[..., Any]) -> Callable[..., DeviceArray]:
    """Return a function of NumPy that makes arrays as one that makes them on the device."""

    def make(*args: Any, **options: Any) -> DeviceArray:
        made: DeviceArray = on_device(function)(*args, **options)
        host = to_host(made)
        if any(np.may_share_memory(host, to_host(a)) for a in args if isinstance(a, DeviceArray)):
            return made  # asarray() of a device array
        array = guarded(made.shape, made.dtype)
        if function.__name__ not in UNWRITTEN:
            to_host(array)[...] = host
        return array

    return make
