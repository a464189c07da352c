"""The command line of ``hpcpy-spawn-pi``. Importing it does not start MPI."""

import json
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_core.demo import demo_command
from hpcpy_spawn_pi import Parameters, __version__
from hpcpy_spawn_pi.examples import TOPICS
from hpcpy_spawn_pi.matrix import matrix
from hpcpy_spawn_pi.options import Count
from hpcpy_spawn_pi.parameters import MODES, WORKER

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.device import DeviceRequest
    from hpcpy_core.transport import TransportRequest

__all__ = ["ALONE", "spawn_pi"]

ALONE = (matrix,)
"""Commands of one process, which start no MPI in it."""

demo = demo_command(TOPICS, "mpiexec -n 2 hpcpy-spawn-pi demo spawn_workers")


@click.command("run", short_help="Compute pi.")
@click.option("--workers", type=Count(), default=2, show_default=True, help="Processes to compute.")
@click.option(
    "--intervals", type=Count(), default="1e8", show_default=True, help="Of the midpoint rule."
)
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="auto",
    show_default=True,
    help="Where workers come from: MPI_Comm_spawn, the ranks that are there, or a pool of "
    "mpi4py.futures; auto spawns where a trial did, and splits elsewhere.",
)
@click.option(
    "--timeout",
    type=float,
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long workers may take to start, and to leave.",
)
@click.option("--worker", default=WORKER, show_default=True, help="The module that workers run.")
@click.option("--json", "as_json", is_flag=True, help="Print the report instead of the summary.")
@device_options
def run_pi(
    as_json: bool,
    device: "DeviceRequest",
    transport: "TransportRequest",
    **chosen: Any,  # noqa: ANN401 - click's options
) -> Work:
    """Compute pi by the midpoint rule, the same to the last bit in every mode.

    A worker that exits, is killed or never comes ends in one message within --timeout.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_core.agreement import agreed
        from hpcpy_spawn_pi.solve import run
        from hpcpy_spawn_pi.summary import summarise

        with agreed(comm):
            parameters = Parameters(**chosen)
        result = run(parameters, comm=comm, device=device, transport=transport)
        if comm.rank == 0:
            click.echo(json.dumps(result.report(), indent=2) if as_json else summarise(result))

    return work


@click.group("hpcpy-spawn-pi", commands=[run_pi, demo, matrix], no_args_is_help=False)
@click.version_option(__version__)
def spawn_pi() -> None:
    """Dynamic MPI processes: with a deadline, a pre-check, a reason and a fallback.

    Start it with this environment's mpiexec: mpiexec -n 1 hpcpy-spawn-pi run --workers 4.
    """
