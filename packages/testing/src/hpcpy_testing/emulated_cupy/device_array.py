# ruff: noqa: ANN401 - it stands in for functions of all types
"""A device array: in host memory, and as far from the host as CuPy's."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hpcpy_testing.emulated_cupy.current_stream import current_handle, finish_current, note

__all__ = ["DeviceArray", "on_device", "to_host"]

DEFAULT_STREAM = 1

READERS = (
    *("argmax", "argmin", "argsort", "astype", "copy", "cumsum", "dot", "flatten", "item"),
    *("nonzero", "repeat", "round", "sort", "take", "tobytes", "tolist"),
    *("__bool__", "__complex__", "__float__", "__index__", "__int__"),
)
"""The methods that NumPy does not make of its ufuncs."""


class DeviceArray(np.ndarray[Any, np.dtype[Any]]):
    """An array that NumPy's functions and host arrays refuse, as they refuse CuPy's.

    Whatever reads or writes its items first finishes the work in the current stream.
    """

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """What a device array says of itself; the address is one of host memory."""
        stream = current_handle() or DEFAULT_STREAM
        return {**self.__array_interface__, "version": 3, "stream": stream}

    def get(self, out: "np.ndarray[Any, Any] | None" = None) -> "np.ndarray[Any, Any]":
        """Copy to the host."""
        finish_current()
        copied = self.view(np.ndarray)
        if out is None:
            return copied.copy()
        out[...] = copied
        return out

    def set(self, source: "np.ndarray[Any, Any]") -> None:
        """Copy from the host."""
        if type(source) is not np.ndarray or source.shape != self.shape:
            raise TypeError(f"set() takes a NumPy array of shape {self.shape}, not {source!r}")
        finish_current()
        self.view(np.ndarray)[...] = source

    def __getitem__(self, index: Any) -> Any:
        """Return a view, or a copy where NumPy copies."""
        found = super().__getitem__(index)
        if isinstance(found, DeviceArray) and np.may_share_memory(to_host(found), to_host(self)):
            return found
        finish_current()
        return super().__getitem__(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write to items."""
        _refuse_host(value)
        target = self.view(np.ndarray)
        note(lambda: target.__setitem__(index, to_host(value)))

    def fill(self, value: Any) -> None:
        """Write to all items."""
        self[...] = value

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute, unless an operand is a host array."""
        for operand in inputs:
            _refuse_host(operand)
        return on_device(getattr(ufunc, method))(*inputs, **options)

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


def on_device(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of host arrays as one of device arrays. Local."""

    def call(*args: Any, **options: Any) -> Any:
        if options.get("out") is not None:
            note(lambda: _call_on_host(function, args, options))
            return options["out"][0] if isinstance(options["out"], tuple) else options["out"]
        finish_current()
        return _to_device(_call_on_host(function, args, options))

    return call


def to_host(value: Any) -> Any:
    """Return a device array, or a sequence with some, as what NumPy takes. Local."""
    if isinstance(value, DeviceArray):
        return value.view(np.ndarray)
    if isinstance(value, list | tuple) and any(isinstance(v, DeviceArray) for v in value):
        return type(value)(map(to_host, value))
    return value


def _call_on_host(function: Callable[..., Any], args: Any, options: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"):  # a GPU does not warn of what is not finite
        return function(*map(to_host, args), **{k: to_host(v) for k, v in options.items()})


def _behind_work(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of NumPy's that reads items as one that comes behind work in the stream."""

    @functools.wraps(method)
    def call(self: DeviceArray, *args: Any, **options: Any) -> Any:
        finish_current()
        return method(self, *args, **options)

    return call


for _name in READERS:
    setattr(DeviceArray, _name, _behind_work(getattr(np.ndarray, _name)))


def _refuse_host(operand: Any) -> None:
    if type(operand) is np.ndarray and operand.ndim:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")


def _to_device(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value).view(DeviceArray)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return type(value)(map(_to_device, value))  # type: ignore[call-arg] # a list or tuple
    return value
