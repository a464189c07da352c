"""``python -m hpcpy_core``: say where this job runs, on which device, over which MPI."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from hpcpy_core import __version__
from hpcpy_core.cli import Work, device_options, run_command
from hpcpy_core.launch import import_mpi

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.device import DeviceRequest
    from hpcpy_core.transport import TransportRequest

__all__ = ["main"]


@click.command(name="hpcpy-core")
@click.version_option(__version__)
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
@device_options
def command(as_json: bool, device: "DeviceRequest", transport: "TransportRequest") -> Work:
    """Say where this job runs: device, transport, MPI library, ranks and nodes."""

    def work(comm: "MPI.Intracomm") -> None:
        import json

        from hpcpy_core.report import build_report
        from hpcpy_core.selection import select

        selection = select(device, transport, comm, gpu=True)
        if comm.rank == 0:
            report = build_report("hpcpy-core", selection, {})
            click.echo(json.dumps(report, indent=2) if as_json else str(selection))

    return work


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(command, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
