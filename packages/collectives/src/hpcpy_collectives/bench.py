"""``bench``: measure point-to-point and collective communication in OSU's terms.

Importing it does not start MPI.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_collectives.operations import APIS, OPERATIONS, Api
from hpcpy_collectives.options import Ops, Sizes
from hpcpy_core.cli import Work, device_options
from hpcpy_core.options import Names, Picture, times

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["bench"]

EPILOG = (
    f"Operations: {', '.join(OPERATIONS)}. APIs: {', '.join(APIS)}. "
    "Sizes are bytes of one message, in bcast and reductions of the whole vector."
)


@click.command("bench", short_help="Measure latency, bandwidth, collectives.", epilog=EPILOG)
@click.option(
    "--ops",
    type=Ops(),
    default="latency,bw,allreduce",
    show_default=True,
    help="What to measure; all is whatever the job's ranks and --api allow.",
)
@click.option(
    "--sizes", type=Sizes(), default="1:4M", show_default=True, help="Powers of two, in bytes."
)
@click.option(
    "--api",
    "apis",
    type=Names("API", APIS),
    default="buffer",
    show_default=True,
    help="buffer: Send and the like; pickle: send; pickle5: that of mpi4py.util.pkl5. "
    "An operation is measured with those that it has.",
)
@click.option("--iterations", type=times(), help="Else as many as OSU's.")
@click.option("--warmup", type=times(0), help="Iterations before; else OSU's.")
@click.option("--validate/--no-validate", default=True, help="Check every size before timing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    help="Of --output, else of what is printed; else as the name of --output ends.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Write the figures here too.")
@click.option("--plot", type=Picture(), help="Draw figures against size here.")
@device_options
def bench(ops: tuple[str, ...] | None, apis: tuple[Api, ...], **options: Any) -> Work:  # noqa: ANN401 - click's options
    """Measure communication between the ranks that it is started with.

    As the OSU micro-benchmarks: latency is half of a round trip, bandwidth is that of
    windows of 64 messages, a collective's time is the average over the ranks, with the
    least and the most of them. Median and interquartile range (IQR) are those of
    blocks of iterations, each the slowest rank's.
    """
    if options["device"] == "gpu" and apis != ("buffer",):
        raise click.UsageError(
            f"--api {','.join(apis)} pickles arrays in host memory, so it cannot be used with "
            "--device gpu: use --api buffer or --device cpu"
        )

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_collectives.run_bench import run_bench

        run_bench(comm, ops=ops, apis=apis, **options)

    return work
