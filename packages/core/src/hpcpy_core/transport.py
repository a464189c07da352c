"""How an array reaches MPI: chosen once, agreed by all ranks, with the reason.

host     a NumPy array is handed to MPI as it is
staged   a device array is copied to pinned host memory, which MPI sends
direct   a device array is handed to a CUDA-aware MPI as it is
"""

from dataclasses import dataclass
from typing import Literal

from hpcpy_core.device import Device
from hpcpy_core.errors import InputError

__all__ = ["Transport", "TransportName", "TransportRequest", "select_transport"]

TransportName = Literal["host", "staged", "direct"]
TransportRequest = Literal["auto", "host", "staged", "direct"]


@dataclass(frozen=True, kw_only=True)
class Transport:
    """The way between arrays and MPI, and why."""

    name: TransportName
    reason: str


def select_transport(request: TransportRequest, device: Device) -> Transport:
    """Choose the transport for arrays on `device`. Local, and the same on all ranks.

    Raises
    ------
    InputError
        If the transport asked for cannot move arrays of this device.
    """
    if request in ("auto", "host") and device.kind == "cpu":
        return Transport(name="host", reason="arrays are in host memory")
    raise InputError(
        f"--transport {request} moves device arrays, but the device is {device.kind} "
        f"({device.reason}). Use --transport host"
    )
