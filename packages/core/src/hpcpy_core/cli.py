"""The entry point and the options that every command shares.

A command is parsed before MPI starts, so that ``--help`` needs no MPI. Its click
callback returns the work to do, a `Work`; `run_command` then starts MPI, checks
the launch, and does the work on all ranks.
"""

import io
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext, redirect_stdout
from time import sleep
from typing import TYPE_CHECKING

import click

from hpcpy_core.device_options import device_options
from hpcpy_core.errors import HpcpyError, InputError, LaunchError
from hpcpy_core.launch import import_mpi, read_announcement
from hpcpy_core.masking import mask_text

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["Work", "device_options", "run_command"]

Work = Callable[["MPI.Intracomm"], None]


def run_command(
    command: click.Command, argv: Sequence[str] | None, world: Callable[[], "MPI.Intracomm"]
) -> int:
    """Parse the command line, start MPI, do the work. Collective over the world.

    Parameters
    ----------
    command
        Its callback returns a `Work`.
    argv
        The arguments; None takes the process's own.
    world
        Called once the launch was checked; returns the communicator of the job.

    Returns
    -------
    int
        The exit code: 0, or that of the `HpcpyError` on which all ranks agreed.
        Its message is printed once. Any other exception prints its traceback
        and marks the process, so that its exit ends the job on all ranks.
    """
    announcement = read_announcement()
    speaks = announcement is None or announcement.rank == 0
    with nullcontext() if speaks else redirect_stdout(io.StringIO()):
        work, usage_error = _parse(command, argv)
    if work is None and usage_error is None:
        return 0
    try:
        import_mpi()
    except LaunchError as error:
        if speaks:
            _say(error)
        else:
            sleep(0.5)  # the launcher may end the job at the first exit: let rank 0 speak
        return error.exit_code

    from hpcpy_core.agreement import raise_on_all

    comm = world()
    try:
        raise_on_all(comm, usage_error)
        if work is not None:
            work(comm)
    except HpcpyError as error:
        if not error.agreed:
            return _abort(error)
        if comm.rank == 0:
            _say(error)
        comm.Barrier()  # a rank that leaves with an error may end the job before rank 0 spoke
        return error.exit_code
    except BaseException as error:
        return _abort(error)
    return 0


def _parse(
    command: click.Command, argv: Sequence[str] | None
) -> tuple[Work | None, InputError | None]:
    """Return the work that was asked for, or what is wrong, or neither after ``--help``."""
    try:
        work = command.main(args=argv, prog_name=command.name, standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" (try: {context.command_path} --help)" if context else ""
        return None, InputError(f"{error.format_message()}{hint}")
    return (work, None) if callable(work) else (None, None)


def _say(error: HpcpyError) -> None:
    click.echo(f"error: {error}", err=True)


def _abort(error: BaseException) -> int:
    """Print the traceback, and make this process's exit end the job on all ranks."""
    from mpi4py.run import set_abort_status

    text = mask_text("".join(traceback.format_exception(error)))
    sys.stderr.write(text)  # whole: other ranks write too
    sys.stderr.flush()
    set_abort_status(error if isinstance(error, SystemExit | KeyboardInterrupt) else 1)
    return 1
