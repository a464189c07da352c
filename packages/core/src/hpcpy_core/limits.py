"""What this machine lets a process do, against what MPI needs to start. Starts no MPI.

MPI libraries answer a limit with a signal, with silence, or with lines that do not
name it, and that before a program can say anything. So it is looked at before MPI_Init.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from hpcpy_core.errors import LaunchError

__all__ = ["SHARED", "check_limits", "find_limits"]

MIB = 1 << 20
SHARED = Path("/dev/shm")

FILES = 64
"""Descriptors that MPI_Init and Python's imports need."""


def check_limits(library: str, environ: Mapping[str, str] = os.environ) -> None:
    """Refuse a start that would die inside MPI_Init for a limit of this system. Local.

    Parameters
    ----------
    library
        The text of MPI_Get_library_version.
    environ
        The launcher's variables, which tell the number of ranks on this node.

    Raises
    ------
    LaunchError
        Names the first limit and what mends it.
    """
    for words in find_limits(library, environ):
        raise LaunchError(words)


def find_limits(library: str, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield in words each limit that is too low, with its cure. Local; see `check_limits`."""
    yield from ()
