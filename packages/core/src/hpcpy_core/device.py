"""Which device computes: chosen once, agreed by all ranks, with the reason."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Literal

import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.errors import InputError
from hpcpy_core.transport import Transport, TransportRequest, select_transport

__all__ = ["CPU", "Array", "Device", "DeviceKind", "DeviceRequest", "find_gpu", "select_device"]

Array = npt.NDArray[Any]
"""Of NumPy or CuPy: typed as NumPy's, whose interface CuPy follows."""

DeviceKind = Literal["cpu", "gpu"]
DeviceRequest = Literal["auto", "cpu", "gpu"]


@dataclass(frozen=True, kw_only=True)
class Device:
    """Where arrays live and kernels run, how MPI reaches them there, and why."""

    kind: DeviceKind
    reason: str
    transport: Transport

    @property
    def xp(self) -> ModuleType:
        """The library that makes its arrays: NumPy or CuPy."""
        return import_module("numpy" if self.kind == "cpu" else "cupy")

    def to_host(self, array: Array) -> Array:
        """Return an array of this device as one of NumPy. Local."""
        if self.kind == "cpu":
            return array
        copied: Array = array.get()  # type: ignore[attr-defined] # of CuPy
        return copied


CPU = Device(
    kind="cpu",
    reason="the caller's choice",
    transport=Transport(name="host", reason="arrays are in host memory"),
)
"""For programs that have no other."""


def select_device(
    request: DeviceRequest, transport: TransportRequest, comm: MPI.Intracomm, *, gpu: bool
) -> Device:
    """Choose device and transport of every rank. Collective over comm.

    Parameters
    ----------
    request, transport
        ``auto`` takes only what was proven here.
    comm
        All of its ranks get the same kind of device. Those of one node take its
        GPUs in turn.
    gpu
        Whether the caller has a GPU path at all.

    Raises
    ------
    InputError
        On every rank, if what was asked for cannot be had on any.
    """
    kind: DeviceKind = "cpu"
    reason = "asked for"
    if request != "cpu":
        missing = find_gpu() or (None if gpu else "this command has no GPU path yet")
        with agreed(comm):
            if request == "gpu" and missing is not None:
                raise InputError(f"--device gpu: {missing}. Use --device cpu")
        absent = next(filter(None, comm.allgather(missing)), None)
        if absent is None:
            _take_turns(comm)
            kind, reason = "gpu", "CuPy computes on it"
        else:
            reason = f"no GPU: {absent}"
    with agreed(comm):
        way = select_transport(transport, kind, reason)
    return Device(kind=kind, reason=reason, transport=way)


def find_gpu() -> str | None:
    """Return why this process cannot use a GPU, or None if CuPy has computed on one. Local."""
    if find_spec("cupy") is None:
        return "cupy is not installed"
    try:
        import cupy

        if not cupy.cuda.runtime.getDeviceCount():
            return "cupy found no device"
        right = int(cupy.arange(4).sum()) == 6  # needs driver, runtime and compiler to fit
    except Exception as error:  # a broken CUDA installation fails in many ways, none of them fatal
        said = str(error) or type(error).__name__
        return f"cupy cannot compute here ({said.splitlines()[0]})"
    return None if right else "cupy computes wrong sums here"


def _take_turns(comm: MPI.Intracomm) -> None:
    """Give the GPUs of every node to its ranks in turn. Collective over comm."""
    import cupy

    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    try:
        cupy.cuda.Device(node.rank % cupy.cuda.runtime.getDeviceCount()).use()
    finally:
        node.Free()
