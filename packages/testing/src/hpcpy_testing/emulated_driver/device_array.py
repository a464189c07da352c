"""An array in the memory of an emulated device."""

import ctypes
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcpy_testing.emulated_driver.driver import Driver, load_driver
from hpcpy_testing.emulated_driver.stream import Stream
from hpcpy_testing.emulated_driver.synchronisation import Readonly

__all__ = ["DeviceArray"]

HostArray = npt.NDArray[Any]
Kernel = Callable[[HostArray], None]

HOST_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
DEFAULT_STREAM_OF_THE_INTERFACE = 1


class DeviceArray:
    """An array that mpi4py takes, and that the host cannot read. All of its methods are local.

    Parameters
    ----------
    shape
        C-ordered, without gaps.
    dtype
        Of the items; what they are is not set.
    device
        Where it is, from 0.
    stream
        Of the work on it; None is the default stream.
    readonly
        Whether it tells others that it must not be written.
    """

    flags = SimpleNamespace(c_contiguous=True)

    def __init__(
        self,
        shape: int | tuple[int, ...],
        dtype: npt.DTypeLike = np.float64,
        *,
        device: int = 0,
        stream: Stream | None = None,
        readonly: bool = False,
    ) -> None:
        self.shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self.dtype = np.dtype(dtype)
        self.size = int(np.prod(self.shape))
        self.nbytes = self.size * self.dtype.itemsize
        self.device = device
        self.stream = stream
        self.readonly = readonly
        self.address = self._allocate() if self.nbytes else 0
        self._kernels: list[Any] = []

    @classmethod
    def from_host(cls, array: HostArray, **where: Any) -> "DeviceArray":  # noqa: ANN401 - as above
        """Return a copy of a NumPy array; `where` is device and stream."""
        made = cls(array.shape, array.dtype, **where)
        made.set(array)
        return made

    @classmethod
    def zeros(
        cls,
        shape: int | tuple[int, ...],
        dtype: npt.DTypeLike = np.float64,
        **where: Any,  # noqa: ANN401 - as above
    ) -> "DeviceArray":
        """Return an array of zeros; `where` is device and stream."""
        return cls.from_host(np.zeros(shape, dtype), **where)

    def set(self, source: HostArray, *, wait: bool = True) -> None:
        """Copy from the host, in this array's stream.

        Parameters
        ----------
        source
            Of the same shape and dtype.
        wait
            Whether the copy is done when this returns, or some time later.
        """
        if source.shape != self.shape or source.dtype != self.dtype:
            raise ValueError(
                f"set() takes {self.dtype} of shape {self.shape}, "
                f"not {source.dtype} of shape {source.shape}"
            )
        if self.nbytes:
            host, driver = np.ascontiguousarray(source), self._use()
            driver.copy_to_device(self.address, host.ctypes.data, self.nbytes, self._stream())
            if wait:
                driver.synchronize(self._stream())

    def get(self, out: HostArray | None = None) -> HostArray:
        """Return a copy on the host, in `out` if it is given, behind the work in the stream."""
        host = np.empty(self.shape, self.dtype) if out is None else out
        if host.shape != self.shape or host.dtype != self.dtype or not host.flags.c_contiguous:
            raise ValueError(f"get() needs C-ordered {self.dtype} of shape {self.shape}")
        if self.nbytes:
            self._use().copy_to_host(host.ctypes.data, self.address, self.nbytes, self._stream())
        return host

    def copy_from(self, source: "DeviceArray") -> None:
        """Copy from an array on a device, in this array's stream, some time later."""
        if source.nbytes != self.nbytes:
            raise ValueError(f"copy_from() takes {self.nbytes} B, not {source.nbytes} B")
        size = ctypes.c_size_t(self.nbytes)
        self._call("cuMemcpyDtoDAsync_v2", ctypes.c_uint64(source.address), size)

    def launch(self, kernel: Kernel) -> None:
        """Do what a kernel would, in this array's stream, some time later.

        Parameters
        ----------
        kernel
            Is given the array as one of NumPy, which it changes in place.
        """
        # Without a reference to this array, which shall be freed when nobody else has one.
        shape, dtype, nbytes = self.shape, self.dtype, self.nbytes

        def call(place: int) -> None:
            items = np.ctypeslib.as_array((ctypes.c_uint8 * nbytes).from_address(place))
            kernel(items.view(dtype).reshape(shape))

        function = HOST_FUNCTION(call)
        self._kernels.append(function)  # the driver does not keep it alive
        self._call("hpcpyEmulatedLaunch", ctypes.c_size_t(self.nbytes), function)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """What mpi4py reads: version 3, with the stream of the work on the array."""
        stream = self.stream.handle if self.stream else DEFAULT_STREAM_OF_THE_INTERFACE
        return {
            "shape": self.shape,
            "typestr": self.dtype.str,
            "data": (self.address, self.readonly or Readonly(self.address, self.nbytes)),
            "strides": None,
            "version": 3,
            "stream": stream,
        }

    def _allocate(self) -> int:
        address = self._use().allocate(self.nbytes)
        free = weakref.finalize(self, _free, self.device, address)
        free.atexit = False  # the memory ends with the process
        return address

    def _use(self) -> Driver:
        driver = load_driver()
        driver.use(self.device)
        return driver

    def _stream(self) -> int:
        return self.stream.handle if self.stream else 0

    def _call(self, entry: str, *arguments: object) -> None:
        """Call an entry of the array's address, before, and its stream, behind `arguments`."""
        if self.nbytes:
            stream = ctypes.c_void_p(self._stream())
            self._use().call(entry, ctypes.c_uint64(self.address), *arguments, stream)


def _free(device: int, address: int) -> None:
    with load_driver().on(device):
        load_driver().free(address)
