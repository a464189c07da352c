"""Commands that need no MPI: they work in the callback, and leave with their exit code."""

from collections.abc import Callable

import click

from hpcpy_core.errors import HpcpyError
from hpcpy_core.launch import read_announcement

__all__ = ["run_serially"]


def run_serially(work: Callable[[], int]) -> None:
    """Do the work of a command without MPI. Local; under a launcher rank 0 does it.

    Parameters
    ----------
    work
        Returns the exit code.

    Raises
    ------
    SystemExit
        With the exit code where that is not 0; an `HpcpyError` was then printed.
    """
    announcement = read_announcement()
    if announcement is not None and announcement.rank:
        return
    try:
        code = work()
    except HpcpyError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    if code:
        raise SystemExit(code)
