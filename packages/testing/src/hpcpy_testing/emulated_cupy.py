# ruff: noqa: ANN401 - it stands in for functions of all types
"""A CuPy made of NumPy, which is as strict as CuPy where programs go wrong without a GPU.

It tells whether a program keeps device and host arrays apart, whether it copies
between them at the right moment, and whether it waits for the device before MPI
sees the memory. It tells nothing about kernels, drivers or speed. Its driver is a
`HostDriver`, since a device array here is in host memory.
"""

import math
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hpcpy_core import cuda_driver
from hpcpy_testing.host_driver import HostDriver

__all__ = ["DeviceArray", "EmulatedCupy", "install_emulated_cupy"]

DEFAULT_STREAM = 1


class DeviceArray(np.ndarray[Any, np.dtype[Any]]):
    """An array that NumPy's functions and host arrays refuse, as they refuse CuPy's."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """What a device array says of itself; the address is one of host memory."""
        return {**self.__array_interface__, "version": 3, "stream": DEFAULT_STREAM}

    def get(self, out: "np.ndarray[Any, Any] | None" = None) -> "np.ndarray[Any, Any]":
        """Copy to the host."""
        copied = self.view(np.ndarray)
        if out is None:
            return copied.copy()
        out[...] = copied
        return out

    def set(self, source: "np.ndarray[Any, Any]") -> None:
        """Copy from the host."""
        if type(source) is not np.ndarray or source.shape != self.shape:
            raise TypeError(f"set() takes a NumPy array of shape {self.shape}, not {source!r}")
        self.view(np.ndarray)[...] = source

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute, unless an operand is a host array."""
        for operand in inputs:
            if type(operand) is np.ndarray and operand.ndim:
                raise TypeError("Unsupported type <class 'numpy.ndarray'>")
        return _on_device(getattr(ufunc, method))(*inputs, **options)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, options: Any
    ) -> Any:
        """Refuse NumPy's functions."""
        raise TypeError("Implicit conversion to a NumPy array is not allowed: use .get()")

    def __str__(self) -> str:
        """Look like the host's copy."""
        return str(self.get())

    def __repr__(self) -> str:
        """Look like the host's copy."""
        return repr(self.get())

    def __format__(self, spec: str) -> str:
        """Format the host's copy."""
        return format(self.get(), spec)


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

    def __init__(self, devices: int = 1) -> None:
        super().__init__("cupy")
        self.driver = HostDriver(devices)
        self.used: list[int] = []
        stream = SimpleNamespace(synchronize=lambda: self.driver.synchronize(DEFAULT_STREAM))
        self.cuda = SimpleNamespace(
            runtime=SimpleNamespace(getDeviceCount=lambda: devices),
            get_current_stream=lambda: stream,
            Device=lambda index: SimpleNamespace(use=lambda: self.used.append(index)),
            Event=lambda: _Event(stream),
            get_elapsed_time=_elapsed_time,
        )
        self.random = SimpleNamespace(default_rng=_Generator)

    def __getattr__(self, name: str) -> Any:
        """Return NumPy's function, or type, of this name."""
        found = getattr(np, name)
        return _on_device(found) if callable(found) and not isinstance(found, type) else found

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


class _Event:
    """A mark in a stream, whose time is known once it was waited for."""

    def __init__(self, stream: SimpleNamespace) -> None:
        self._stream = stream
        self.seconds = math.nan
        self.waited = False

    def record(self) -> None:
        """Mark the place in the stream."""
        self.seconds = perf_counter()
        self.waited = False

    def synchronize(self) -> None:
        """Wait for the work before it."""
        self._stream.synchronize()
        self.waited = True


def _elapsed_time(begin: _Event, end: _Event) -> float:
    """Return the milliseconds between two events of one stream."""
    if not end.waited:
        raise RuntimeError("cudaErrorNotReady: device not ready")
    return 1e3 * (end.seconds - begin.seconds)


class _Generator:
    """A random generator whose arrays are on the device."""

    def __init__(self, seed: Any) -> None:
        self.host = np.random.default_rng(seed)

    def __getattr__(self, name: str) -> Any:
        return _on_device(getattr(self.host, name))


def install_emulated_cupy(monkeypatch: pytest.MonkeyPatch, devices: int = 1) -> EmulatedCupy:
    """Make ``import cupy`` and `hpcpy_core` find the emulation until the test ends. Local."""
    cupy = EmulatedCupy(devices)
    cupy.__spec__ = SimpleNamespace(name="cupy")  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(cuda_driver, "load_driver", lambda: cupy.driver)
    return cupy


def _on_device(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of host arrays as one of device arrays."""

    def call(*args: Any, **options: Any) -> Any:
        answer = function(*map(_to_host, args), **{k: _to_host(v) for k, v in options.items()})
        return _to_device(answer)

    return call


def _to_host(value: Any) -> Any:
    if isinstance(value, DeviceArray):
        return value.view(np.ndarray)
    if isinstance(value, list | tuple) and any(isinstance(v, DeviceArray) for v in value):
        return type(value)(map(_to_host, value))
    return value


def _to_device(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value).view(DeviceArray)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return type(value)(map(_to_device, value))  # type: ignore[call-arg] # a list or tuple
    return value
