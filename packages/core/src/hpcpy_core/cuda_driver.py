"""The CUDA driver: the few of its entries that transports and proofs need.

CuPy has them too, but this needs no CuPy: the question whether MPI takes device
memory comes before it, and arrays of other libraries reach MPI the same way.
Importing it loads nothing.
"""

import ctypes
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from hpcpy_core.errors import HpcpyError

__all__ = ["CudaError", "Driver", "NoDriverError", "load_driver"]

NAME = "libcuda.so.1"
DEVICE_MEMORY = 2
MEMORY_TYPE, DEVICE_ORDINAL = 2, 9
"""Attributes of a pointer."""
PORTABLE = 1
"""Page-locked memory for all contexts."""
NON_BLOCKING = 1
"""A stream that does not wait for the default stream."""
NO_TIMING = 2
"""An event that only orders work."""
NOT_READY = 600
"""What a query answers while work is going on."""


class NoDriverError(HpcpyError):
    """There is no NVIDIA driver in this process's sight."""


class CudaError(HpcpyError):
    """An entry of the driver failed.

    Attributes
    ----------
    name
        Of the error, such as ``CUDA_ERROR_OUT_OF_MEMORY``.
    """

    def __init__(self, entry: str, name: str, text: str) -> None:
        super().__init__(f"{entry}: {name} ({text})")
        self.name = name
        self._given = (entry, name, text)

    def __reduce__(self) -> tuple[type["CudaError"], tuple[str, str, str]]:
        """Let it go to other ranks, as `hpcpy_core.agreement` sends it."""
        return type(self), self._given


class Driver:
    """The loaded library. All of its methods are local, and raise `CudaError`.

    Addresses and handles of streams and events are plain integers; 0 is the
    default stream. What works on memory needs a current context: see `on`.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._contexts: dict[int, ctypes.c_void_p] = {}

    def call(self, entry: str, *arguments: object) -> None:
        """Call an entry, and raise what it returns."""
        if number := self.try_call(entry, *arguments):
            self._fail(entry, number)

    def try_call(self, entry: str, *arguments: object) -> int:
        """Call an entry, and return its result: 0 is CUDA_SUCCESS."""
        result: int = getattr(self._library, entry)(*arguments)
        return result

    def version(self) -> int:
        """Return the newest CUDA that it runs: 13000 is 13.0."""
        return self._int("cuDriverGetVersion")

    def count_devices(self) -> int:
        """Return how many devices this process may use, CUDA_VISIBLE_DEVICES considered."""
        return self._int("cuDeviceGetCount")

    def device_name(self, device: int) -> str:
        """Return what a device is called."""
        name = ctypes.create_string_buffer(256)
        self.call("cuDeviceGetName", name, len(name), device)
        return name.value.decode()

    def device_uuid(self, device: int) -> str:
        """Return what tells one device of the machine from another, in hexadecimal."""
        uuid = (ctypes.c_ubyte * 16)()
        self.call("cuDeviceGetUuid_v2", uuid, device)
        return bytes(uuid).hex()

    def use(self, device: int) -> None:
        """Make the primary context of a device the current one of this thread."""
        self.call("cuCtxSetCurrent", self._context(device))

    @contextmanager
    def on(self, device: int) -> Iterator[None]:
        """Have the primary context of a device current in the block, and then the former one."""
        self.call("cuCtxPushCurrent_v2", self._context(device))
        try:
            yield
        finally:
            self.call("cuCtxPopCurrent_v2", None)

    def current_device(self) -> int | None:
        """Return the device whose context is current in this thread; None if there is none."""
        context = ctypes.c_void_p()
        self.call("cuCtxGetCurrent", ctypes.byref(context))
        return self._int("cuCtxGetDevice") if context.value else None

    def locate(self, address: int) -> int | None:
        """Return the device whose memory an address is in; None for host memory."""
        kind = ctypes.c_uint()
        pointer = ctypes.c_uint64(address)
        if self.try_call("cuPointerGetAttribute", ctypes.byref(kind), MEMORY_TYPE, pointer):
            return None  # the driver knows nothing of pageable memory
        if kind.value != DEVICE_MEMORY:
            return None
        device = ctypes.c_int()
        self.call("cuPointerGetAttribute", ctypes.byref(device), DEVICE_ORDINAL, pointer)
        return device.value

    def free_memory(self) -> tuple[int, int]:
        """Return the free and all memory of the current device, in bytes."""
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self.call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
        return free.value, total.value

    def allocate(self, nbytes: int) -> int:
        """Return the address of new memory on the current device."""
        address = ctypes.c_uint64()
        self.call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(nbytes))
        return address.value

    def free(self, address: int) -> None:
        """Give memory of a device back."""
        self.call("cuMemFree_v2", ctypes.c_uint64(address))

    def allocate_host(self, nbytes: int) -> int:
        """Return the address of new page-locked memory of the host."""
        address = ctypes.c_void_p()
        size = ctypes.c_size_t(nbytes)
        self.call("cuMemHostAlloc", ctypes.byref(address), size, PORTABLE)
        return address.value or 0

    def free_host(self, address: int) -> None:
        """Give page-locked memory back."""
        self.call("cuMemFreeHost", ctypes.c_void_p(address))

    def copy_to_device(self, device: int, host: int, nbytes: int, stream: int = 0) -> None:
        """Copy from the address `host` to the address `device`, in a stream."""
        to, source, size = ctypes.c_uint64(device), ctypes.c_void_p(host), ctypes.c_size_t(nbytes)
        self.call("cuMemcpyHtoDAsync_v2", to, source, size, ctypes.c_void_p(stream))

    def copy_to_host(self, host: int, device: int, nbytes: int, stream: int = 0) -> None:
        """Copy from the address `device` to the address `host`, in a stream."""
        to, source, size = ctypes.c_void_p(host), ctypes.c_uint64(device), ctypes.c_size_t(nbytes)
        self.call("cuMemcpyDtoHAsync_v2", to, source, size, ctypes.c_void_p(stream))

    def synchronize(self, stream: int = 0) -> None:
        """Wait until all work in a stream is done."""
        self.call("cuStreamSynchronize", ctypes.c_void_p(stream))

    def synchronize_device(self) -> None:
        """Wait until all work of the current device is done."""
        self.call("cuCtxSynchronize")

    def make_stream(self) -> int:
        """Return a new stream of the current device, which does not wait for the default one."""
        return self._handle("cuStreamCreate", NON_BLOCKING)

    def destroy_stream(self, stream: int) -> None:
        """Destroy a stream; its work is done before."""
        self.call("cuStreamDestroy_v2", ctypes.c_void_p(stream))

    def make_event(self) -> int:
        """Return a new event of the current device."""
        return self._handle("cuEventCreate", NO_TIMING)

    def destroy_event(self, event: int) -> None:
        """Destroy an event."""
        self.call("cuEventDestroy_v2", ctypes.c_void_p(event))

    def record(self, event: int, stream: int = 0) -> None:
        """Let an event happen when all work that is in a stream by now is done."""
        self.call("cuEventRecord", ctypes.c_void_p(event), ctypes.c_void_p(stream))

    def wait_in_stream(self, stream: int, event: int) -> None:
        """Let the work that comes into a stream from now on wait for an event."""
        self.call("cuStreamWaitEvent", ctypes.c_void_p(stream), ctypes.c_void_p(event), 0)

    def wait(self, event: int) -> None:
        """Wait until an event has happened."""
        self.call("cuEventSynchronize", ctypes.c_void_p(event))

    def has_happened(self, event: int) -> bool:
        """Ask whether an event has happened; one that was never recorded has."""
        result = self.try_call("cuEventQuery", ctypes.c_void_p(event))
        if result not in (0, NOT_READY):
            self._fail("cuEventQuery", result)
        return result == 0

    def _context(self, device: int) -> ctypes.c_void_p:
        if device not in self._contexts:
            context = ctypes.c_void_p()
            self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
            self._contexts[device] = context
        return self._contexts[device]

    def _int(self, entry: str) -> int:
        answer = ctypes.c_int()
        self.call(entry, ctypes.byref(answer))
        return answer.value

    def _handle(self, entry: str, flags: int) -> int:
        handle = ctypes.c_void_p()
        self.call(entry, ctypes.byref(handle), flags)
        return handle.value or 0

    def _fail(self, entry: str, number: int) -> NoReturn:
        raise CudaError(entry, self._text("Name", number), self._text("String", number))

    def _text(self, what: str, number: int) -> str:
        text = ctypes.c_char_p()
        self.try_call(f"cuGetError{what}", number, ctypes.byref(text))
        return (text.value or b"unknown").decode()


@functools.cache
def load_driver() -> Driver:
    """Load and initialise the driver, once in a process. Local.

    Raises
    ------
    NoDriverError
        If there is none.
    CudaError
        If it cannot be initialised: ``CUDA_ERROR_NO_DEVICE`` where it finds no device.
    """
    try:
        library = ctypes.CDLL(NAME)
    except OSError as error:
        raise NoDriverError(f"no NVIDIA driver: {NAME} cannot be loaded ({error})") from error
    driver = Driver(library)
    driver.call("cuInit", 0)
    return driver
