"""The choice of device and transport, and the line that tells it."""

from dataclasses import dataclass

from mpi4py import MPI

from hpcpy_core.device import Device, DeviceRequest, select_device
from hpcpy_core.topology import count_nodes
from hpcpy_core.transport import TransportRequest

__all__ = ["Selection", "library_name", "select"]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Device, with its transport, and world of a job: settled once, then passed on."""

    device: Device
    library: str
    ranks: int
    nodes: int

    def __str__(self) -> str:
        """Return the line that every command prints."""
        ranks = f"{self.ranks} rank{'s' if self.ranks > 1 else ''}"
        nodes = f"{self.nodes} node{'s' if self.nodes > 1 else ''}"
        device = self.device
        return (
            f"device {device.kind} ({device.reason}) · transport {device.transport.name}"
            f" · {self.library} · {ranks} on {nodes}"
        )


def select(
    device: DeviceRequest,
    transport: TransportRequest,
    comm: MPI.Intracomm,
    *,
    gpu: bool = False,
) -> Selection:
    """Choose device and transport for all ranks. Collective over comm.

    Parameters
    ----------
    device, transport
        What was asked for; ``auto`` takes only what was proven here.
    comm
        The ranks that work.
    gpu
        Whether the caller has a GPU path.

    Raises
    ------
    InputError
        On every rank, if what was asked for cannot be had.
    """
    return Selection(
        device=select_device(device, transport, comm, gpu=gpu),
        library=library_name(),
        ranks=comm.size,
        nodes=count_nodes(comm),
    )


def library_name() -> str:
    """Return name and version of the MPI library, such as ``MPICH 5.0.2``. Local."""
    vendor, version = MPI.get_vendor()
    return f"{vendor} {'.'.join(map(str, version))}"
