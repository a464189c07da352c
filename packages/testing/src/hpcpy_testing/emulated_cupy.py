# ruff: noqa: ANN401 - it stands in for functions of all types
"""A CuPy made of NumPy, which is as strict as CuPy where programs go wrong without a GPU.

It tells whether a program keeps device and host arrays apart, whether it copies
between them at the right moment, and whether it waits for the device before MPI
sees the memory. It tells nothing about kernels, drivers or speed.
"""

import sys
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

__all__ = ["DeviceArray", "EmulatedCupy", "install_emulated_cupy"]


UNSENT = 0xA5


class DeviceArray(np.ndarray[Any, np.dtype[Any]]):
    """An array that NumPy's functions and host arrays refuse, as they refuse CuPy's."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """What a device array says of itself; the address is one of host memory."""
        return {**self.__array_interface__, "version": 3}

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
    synchronized
        How often the program waited for the current stream.
    pinned
        The host arrays that were made for copies.
    """

    ndarray = DeviceArray

    def __init__(self, devices: int = 1) -> None:
        super().__init__("cupy")
        self.synchronized = 0
        self.pinned: list[np.ndarray[Any, Any]] = []
        self.used: list[int] = []
        stream = SimpleNamespace(synchronize=self._synchronize)
        self.cuda = SimpleNamespace(
            runtime=SimpleNamespace(getDeviceCount=lambda: devices),
            get_current_stream=lambda: stream,
            Device=lambda index: SimpleNamespace(use=lambda: self.used.append(index)),
        )
        self.random = SimpleNamespace(default_rng=_Generator)

    def __getattr__(self, name: str) -> Any:
        """Return NumPy's function, or type, of this name."""
        found = getattr(np, name)
        return _on_device(found) if callable(found) and not isinstance(found, type) else found

    def empty_pinned(self, shape: tuple[int, ...], dtype: Any) -> "np.ndarray[Any, Any]":
        """Make an array in host memory, full of what nobody sent."""
        made: np.ndarray[Any, Any] = np.empty(shape, dtype)
        made.reshape(-1).view(np.uint8)[...] = UNSENT
        self.pinned.append(made)
        return made

    def _synchronize(self) -> None:
        self.synchronized += 1


class _Generator:
    """A random generator whose arrays are on the device."""

    def __init__(self, seed: Any) -> None:
        self.host = np.random.default_rng(seed)

    def __getattr__(self, name: str) -> Any:
        return _on_device(getattr(self.host, name))


def install_emulated_cupy(monkeypatch: pytest.MonkeyPatch, devices: int = 1) -> EmulatedCupy:
    """Make ``import cupy`` and ``import cupyx`` find the emulation until the test ends. Local."""
    cupy, cupyx = EmulatedCupy(devices), ModuleType("cupyx")
    cupyx.empty_pinned = cupy.empty_pinned  # type: ignore[attr-defined] # CuPy has it there
    for module in (cupy, cupyx):
        module.__spec__ = SimpleNamespace(name=module.__name__)  # type: ignore[assignment]
        monkeypatch.setitem(sys.modules, module.__name__, module)
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
