"""The choice of device and transport, and the line that tells it."""

from dataclasses import dataclass

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device, DeviceRequest, select_device
from hpcpy_core.topology import count_nodes
from hpcpy_core.transport import Transport, TransportRequest, select_transport

__all__ = ["Selection", "library_name", "select"]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Device, transport and world of a job: settled once, then passed on."""

    device: Device
    transport: Transport
    library: str
    ranks: int
    nodes: int

    def __str__(self) -> str:
        """Return the line that every command prints."""
        ranks = f"{self.ranks} rank{'s' if self.ranks > 1 else ''}"
        nodes = f"{self.nodes} node{'s' if self.nodes > 1 else ''}"
        return (
            f"device {self.device.kind} ({self.device.reason}) · transport {self.transport.name}"
            f" · {self.library} · {ranks} on {nodes}"
        )


def select(device: DeviceRequest, transport: TransportRequest, comm: MPI.Intracomm) -> Selection:
    """Choose device and transport for all ranks. Collective over comm.

    Raises
    ------
    InputError
        On every rank, if what was asked for cannot be had.
    """
    chosen = select_device(device, comm)
    with agreed(comm):
        way = select_transport(transport, chosen)
    return Selection(
        device=chosen,
        transport=way,
        library=library_name(),
        ranks=comm.size,
        nodes=count_nodes(comm),
    )


def library_name() -> str:
    """Return name and version of the MPI library, such as ``MPICH 5.0.2``. Local."""
    vendor, version = MPI.get_vendor()
    return f"{vendor} {'.'.join(map(str, version))}"
