"""The choice of device and transport, and the line that tells it."""

from dataclasses import dataclass
from textwrap import shorten

import click
from mpi4py import MPI

from hpcpy_core.device import Device, DeviceRequest, select_device
from hpcpy_core.topology import count_nodes
from hpcpy_core.transport import TransportRequest

__all__ = ["Selection", "library_name", "select"]

WIDTH = 160
"""Of the line: two lines of a terminal."""
SHORTEST = 24
"""A reason that has less room is left out: the record has it."""


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
        device, transport = self.device, self.device.transport
        begin = f"device {device.kind} ({device.reason}) · transport {transport.name}"
        end = f" · {self.library} · {ranks} on {nodes}"
        left = WIDTH - len(begin) - len(end)
        if device.kind == "cpu" or left < SHORTEST:
            return begin + end
        return f"{begin} ({shorten(transport.reason, left - len(' ()'), placeholder=' …')}){end}"


def select(
    device: DeviceRequest,
    transport: TransportRequest,
    comm: MPI.Intracomm,
    *,
    gpu: bool = False,
) -> Selection:
    """Choose device and transport for all ranks. Collective over comm.

    Rank 0 prints on stderr what the user should know of the choice.

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
    chosen = select_device(device, transport, comm, gpu=gpu)
    if comm.rank == 0:
        for warning in chosen.warnings:
            click.echo(f"warning: {warning}", err=True)
    return Selection(
        device=chosen,
        library=library_name(),
        ranks=comm.size,
        nodes=count_nodes(comm),
    )


def library_name() -> str:
    """Return name and version of the MPI library, such as ``MPICH 5.0.2``. Local."""
    vendor, version = MPI.get_vendor()
    return f"{vendor} {'.'.join(map(str, version))}"
