"""Run MPI tests: one mpiexec per test file, or per folder, and number of ranks.

This process is serial and never initialises MPI, so nothing that a rank does
can take the report with it.
"""

import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import click

from hpcpy_core.errors import HpcpyError
from hpcpy_testing import __version__
from hpcpy_testing.emulated_driver import driver_environment
from hpcpy_testing.launch_file import launch_file
from hpcpy_testing.launch_folder import LaunchFolder
from hpcpy_testing.merge_junit import merge_junit
from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.report import parts_of, report_launch, report_summary
from hpcpy_testing.select_files import select_files

__all__ = ["main"]


class RankCounts(click.ParamType[list[int]]):
    """Numbers of ranks, separated by commas."""

    name = "N,N,..."

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        """Turn ``1,2,4`` into numbers."""
        parts = str(value).split(",")
        if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
            self.fail(f"{value!r} is not a list of numbers of ranks such as 1,2,4", param, ctx)
        return [int(part) for part in parts]


@click.command(name="hpcpy-testing")
@click.version_option(__version__)
@click.argument(
    "paths", metavar="PATHS...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--ranks", type=RankCounts(), default="1,2,3,4", show_default=True, help="Numbers of ranks."
)
@click.option(
    "--together",
    is_flag=True,
    help="Launch the files of each folder as one job: faster, but a failure ends it.",
)
@click.option("--mpiexec", metavar="PATH", help="The mpiexec of the MPI that mpi4py loads.")
@click.option(
    "--deadline", default=60.0, show_default=True, help="Seconds for each test; 0 means no limit."
)
@click.option("--timeout", default=900.0, show_default=True, help="Seconds for each launch.")
@click.option(
    "--emulated-driver",
    is_flag=True,
    help="Give the ranks a CUDA driver that needs no GPU.",
)
@click.option(
    "--junit", metavar="FILE", type=click.Path(path_type=Path), help="Write the results of all."
)
def command(
    paths: tuple[Path, ...],
    ranks: list[int],
    together: bool,
    mpiexec: str | None,
    deadline: float,
    timeout: float,
    emulated_driver: bool,
    junit: Path | None,
) -> int:
    """Run the MPI tests in PATHS (files, or folders of test_*.py) on each number of ranks."""
    files = select_files(paths)
    if together:
        files = list(dict.fromkeys(path.resolve() for path in paths))
    program = Mpiexec.find(mpiexec)
    environment = driver_environment() if emulated_driver else {}
    click.echo(f"{program.vendor} {program.version}: {program.path}")
    logs = Path(tempfile.mkdtemp(prefix="hpcpy-testing-"))
    launches = []
    for number, (count, file) in enumerate(product(ranks, files), start=1):
        folder = LaunchFolder(logs / f"{number:03}-{file.stem}-{count}-ranks")
        folder.path.mkdir()
        launch = launch_file(
            program,
            file,
            count,
            folder=folder,
            deadline=deadline,
            timeout=timeout,
            environment=environment,
        )
        report_launch(launch)
        launches.append(launch)
        if not launch.verdict.blames:
            folder.clear_scratch()
    if junit:
        merge_junit([part for launch in launches for part in parts_of(launch)], junit)
    if report_summary(launches):
        shutil.rmtree(logs)
        return 0
    return 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 green, 1 red, 2 bad input."""
    # As an exception it passes through the code that ends the running job.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return int(command.main(argv, prog_name="hpcpy-testing", standalone_mode=False))
    except click.Abort:
        click.echo("hpcpy-testing: interrupted; nothing of the running job is left", err=True)
        return 128 + signal.SIGINT
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except HpcpyError as error:
        click.echo(f"hpcpy-testing: {error}", err=True)
        return error.exit_code
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(main())
