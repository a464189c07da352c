"""The command line of the doctor."""

from dataclasses import dataclass
from typing import Literal

import click

from hpcpy_doctor import __version__

__all__ = ["Color", "Options", "command"]

Color = Literal["auto", "always", "never"]

DEADLINE = 20.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for; an empty `only` means all checks."""

    as_json: bool = False
    all: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    explain: str | None = None
    list: bool = False
    strict: bool = False
    deadline: float = DEADLINE
    passive: bool = False
    color: Color = "auto"


class Names(click.ParamType[tuple[str, ...]]):
    """Names of checks, with commas between them."""

    name = "NAMES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split them; ``shared-memory`` is ``shared_memory``."""
        if isinstance(value, tuple):  # the default
            return value
        return tuple(name.strip().replace("-", "_") for name in str(value).split(","))


@click.command(name="hpcpy-doctor")
@click.version_option(__version__)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--all", "-v", "all", is_flag=True, help="Show what is well, and notes, too.")
@click.option("--only", type=Names(), default=(), help="Do these checks alone: launcher,world.")
@click.option("--skip", type=Names(), default=(), help="Leave these checks out.")
@click.option("--explain", metavar="ID", help="Print what a finding means, and end.")
@click.option("--list", is_flag=True, help="Print all that may be found, and end.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
@click.option(
    "--deadline",
    type=click.FloatRange(min=1.0),
    default=DEADLINE,
    show_default=True,
    metavar="SECONDS",
    help="For MPI to start and end in this launch.",
)
@click.option("--passive", is_flag=True, help="Only look: start no MPI.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def command(**given: object) -> Options:
    r"""Say what is wrong with this MPI, launcher, GPU, container or file system.

    Start it alone, or just as you start the program that fails:

    \b
        hpcpy-doctor
        mpiexec -n 4 hpcpy-doctor

    Each finding names the one command that mends it; what follows from it, notes and what is
    well are only counted, unless you give --all. The exit code is 2 if there are errors,
    and 0 if there are none.
    """
    return Options(**given)  # type: ignore[arg-type]  # click has made them of these types
