"""Which device computes: chosen once, agreed by all ranks, with the reason."""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, Literal

import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, raise_on_all
from hpcpy_core.device_request import DeviceRequest, parse_request
from hpcpy_core.errors import InputError
from hpcpy_core.find_gpu import find_gpu
from hpcpy_core.places import Place, describe_gpus, describe_missing, describe_sharing
from hpcpy_core.select_transport import FORCED, needs_proof, select_transport
from hpcpy_core.take_gpus import take_gpus
from hpcpy_core.transport import Transport, TransportRequest

__all__ = ["CPU", "Array", "Device", "DeviceKind", "DeviceRequest", "find_gpu", "select_device"]

Array = npt.NDArray[Any]
"""Of NumPy or CuPy: typed as NumPy's, whose interface CuPy follows."""

DeviceKind = Literal["cpu", "gpu"]
NO_PATH = "this program has no GPU path yet"


@dataclass(frozen=True, kw_only=True)
class Device:
    """Where arrays live and kernels run, how MPI reaches them there, and why.

    Attributes
    ----------
    ordinal, name
        Of this rank's GPU among those that it sees, and what it is called, such as
        ``NVIDIA H100 80GB HBM3``; None for the cpu.
    warnings
        What the user should know of the choice; the same on all ranks.
    """

    kind: DeviceKind
    reason: str
    transport: Transport
    ordinal: int | None = None
    name: str | None = None
    warnings: tuple[str, ...] = ()

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
    request
        ``auto``, ``cpu``, ``gpu`` or ``gpu:N``; ``auto`` takes a GPU only if every rank
        computes on one.
    transport
        ``auto`` takes only what was proven here.
    comm
        All of its ranks get the same kind of device. Those of one node take its
        GPUs in turn, or, with ``gpu:N``, all the same.
    gpu
        Whether the caller has a GPU path at all.

    Raises
    ------
    InputError
        On every rank, if what was asked for cannot be had on any.
    """
    with agreed(comm):
        kind, ordinal = parse_request(request)
        if kind == "gpu" and not gpu:
            raise InputError(f"--device {request}: {NO_PATH}. Use --device cpu")
    if kind == "cpu" or not gpu:
        reason = "asked for" if kind == "cpu" else f"no GPU: {NO_PATH}"
        return _finish(comm, transport, kind="cpu", reason=reason)
    places = take_gpus(comm, ordinal)
    missing = describe_missing(places)
    if missing is not None:
        if kind == "gpu":
            raise_on_all(comm, _refuse(request, places[comm.rank]))
        return _finish(comm, transport, kind="cpu", reason=missing)
    own, shared = places[comm.rank], describe_sharing(places)
    return _finish(
        comm,
        transport,
        kind="gpu",
        reason=describe_gpus(places),
        ordinal=own.ordinal,
        name=own.name,
        warnings=(shared,) if shared else (),
    )


def _finish(
    comm: MPI.Intracomm,
    transport: TransportRequest,
    *,
    kind: DeviceKind,
    reason: str,
    ordinal: int | None = None,
    name: str | None = None,
    warnings: tuple[str, ...] = (),
) -> Device:
    """Choose the transport of the device. Collective over comm."""
    verdict = None
    if needs_proof(transport, kind):
        from hpcpy_core.awareness.decide import decide

        verdict = decide(comm)
    with agreed(comm):
        way = select_transport(transport, kind, reason, verdict)
    if transport == "force-direct":
        warnings += (FORCED,)
    return Device(
        kind=kind, reason=reason, transport=way, ordinal=ordinal, name=name, warnings=warnings
    )


def _refuse(request: str, place: Place) -> InputError | None:
    """Say what this rank lacks."""
    if place.missing is None:
        return None
    return InputError(
        f"--device {request}: rank {place.rank} on {place.host} cannot compute on a GPU: "
        f"{place.missing}. Or use --device cpu"
    )
