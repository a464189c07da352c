"""Run MPI tests: one mpiexec per test file, or per folder, and number of ranks.

This process is serial and never initialises MPI, so nothing that a rank does
can take the report with it.
"""

import math
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import click

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.output_files import check_writable
from hpcpy_core.streams import Guarded, guard_streams, run_guarded
from hpcpy_testing import __version__
from hpcpy_testing.emulated_driver import driver_environment
from hpcpy_testing.launch_file import launch_file
from hpcpy_testing.launch_folder import LaunchFolder
from hpcpy_testing.merge_junit import merge_junit
from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.report import parts_of, report_launch, report_summary
from hpcpy_testing.select_files import select_files

__all__ = ["main"]

MOST_SECONDS = 10**7
"""Some months."""


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


class Seconds(click.ParamType[float]):
    """A number of seconds that a clock can count to."""

    name = "SECONDS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Turn ``60`` into 60.0."""
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds <= MOST_SECONDS:
            self.fail(f"{value!r} is not a number of seconds from 0 to {MOST_SECONDS}", param, ctx)
        return seconds


@click.command(
    name="hpcpy-testing", epilog="Words after -- go to pytest: hpcpy-testing tests/mpi -- -s"
)
@click.version_option(__version__)
@click.argument("paths", metavar="PATHS...", nargs=-1, required=True)
@click.option(
    "--ranks", type=RankCounts(), default="1,2,3,4", show_default=True, help="Numbers of ranks."
)
@click.option(
    "--together",
    is_flag=True,
    help="Launch the files of each folder as one job: faster, but a failure ends it.",
)
@click.option("--mpiexec", metavar="PATH", help="The mpiexec of the MPI that mpi4py loads.")
@click.option("-k", "keyword", metavar="EXPRESSION", help="Only tests that match, as for pytest.")
@click.option(
    "--deadline",
    type=Seconds(),
    default=60.0,
    show_default=True,
    help="Seconds for each test; 0 means no limit.",
)
@click.option(
    "--timeout",
    type=Seconds(),
    default=900.0,
    show_default=True,
    help="Seconds for each launch.",
)
@click.option(
    "--emulated-driver",
    is_flag=True,
    help="Give the ranks a CUDA driver that needs no GPU.",
)
@click.option(
    "--junit", metavar="FILE", type=click.Path(path_type=Path), help="Write the results of all."
)
@click.pass_obj
def command(
    given: tuple[Sequence[str], Guarded],
    paths: tuple[str, ...],
    ranks: list[int],
    together: bool,
    mpiexec: str | None,
    keyword: str | None,
    deadline: float,
    timeout: float,
    emulated_driver: bool,
    junit: Path | None,
) -> int:
    """Run the MPI tests in PATHS on each number of ranks.

    A path is a file, a folder of test_*.py, or some tests of a file: FILE::TEST.
    """
    words, output = given
    selections = select_files(paths, together=together)
    if not timeout:
        raise InputError("--timeout 0: choose more than 0 s for each launch")
    if junit:
        _prepare_junit(junit)
    program = Mpiexec.find(mpiexec)
    environment = driver_environment() if emulated_driver else {}
    options = [*(["-k", keyword] if keyword else []), *words]
    click.echo(f"{program.vendor} {program.version}: {program.path}")
    logs = Path(tempfile.mkdtemp(prefix="hpcpy-testing-"))
    launches = []
    try:
        for number, (count, selection) in enumerate(product(ranks, selections), start=1):
            folder = LaunchFolder(logs / f"{number:03}-{selection.path.stem}-{count}-ranks")
            folder.path.mkdir()
            launch = launch_file(
                program,
                selection,
                count,
                folder=folder,
                deadline=deadline,
                timeout=timeout,
                environment=environment,
                options=options,
            )
            report_launch(launch)
            launches.append(launch)
            if not launch.verdict.blames:
                folder.clear_scratch()
    except (KeyboardInterrupt, SystemExit):
        if output.error is None:
            _say(f"interrupted; nothing of the running job is left, its logs are in {logs}")
        raise
    green = report_summary(launches)
    if junit:
        merge_junit([part for launch in launches for part in parts_of(launch)], junit)
    if green:
        shutil.rmtree(logs)
    return 0 if green else 1


def _prepare_junit(junit: Path) -> None:
    """Refuse before the tests what could not be written after them."""
    try:
        junit.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--junit {junit}: {error.filename}: {error.strerror}") from error
    check_writable(junit, "--junit")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 green, 1 red, 2 bad input."""
    words = list(sys.argv[1:] if argv is None else argv)
    end = words.index("--") if "--" in words else len(words)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it hides what mpiexec returns
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:  # as under nohup
            # As an exception it passes through the code that ends the running job.
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        with guard_streams() as output:  # it ends between two jobs: none prints while it runs
            return run_guarded(output, lambda: _run(words[:end], words[end + 1 :], output))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(words: Sequence[str], of_pytest: Sequence[str], output: Guarded) -> int:
    try:
        return int(
            command.main(
                list(words),
                prog_name="hpcpy-testing",
                standalone_mode=False,
                obj=(of_pytest, output),
            )
        )
    except click.Abort:
        return 128 + signal.SIGINT
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except HpcpyError as error:
        _say(str(error))
        return error.exit_code
    except OSError as error:
        _say(f"{error.filename or 'cannot go on'}: {error.strerror or error}")
        return 1


def _say(message: str) -> None:
    click.echo(f"hpcpy-testing: {message}", err=True)


if __name__ == "__main__":
    sys.exit(main())
