"""The entry point of commands of one process: they need no MPI, and start none."""

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout

import click

from hpcpy_core.errors import HpcpyError, InputError, LaunchError
from hpcpy_core.launch import import_mpi, read_announcement
from hpcpy_core.masking import mask_tracebacks
from hpcpy_core.same_start import Start, agree_on_start
from hpcpy_core.streams import guard_streams, run_guarded, say_error, shorten_message

__all__ = ["run_alone"]


def run_alone(command: click.Command, argv: Sequence[str] | None) -> int:
    """Parse the command line and do what the callback does. Local.

    A launcher that started several processes is met first: they agree that all were started
    alike, and the first one does the work. So a rank with another command never waits.

    Parameters
    ----------
    command
        Its callback returns an exit code, or None for 0.
    argv
        The arguments; None takes the process's own.

    Returns
    -------
    int
        The exit code; that of an `HpcpyError`, whose message is printed.
    """
    mask_tracebacks()
    arguments = sys.argv[1:] if argv is None else list(argv)
    with guard_streams() as output:
        announcement = read_announcement()
        if announcement is not None and announcement.size > 1:
            code = _meet(Start.of_this_process(command.name or "", arguments))
            if code is not None:
                return code
        return run_guarded(output, lambda: _run(command, arguments))


def _run(command: click.Command, arguments: list[str]) -> int:
    try:
        code = command.main(args=arguments, prog_name=command.name, standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        if shorten_message(error.message) == error.message:
            error.show()
        else:
            say_error(InputError(shorten_message(error.message)))
        return error.exit_code
    except HpcpyError as error:
        say_error(error)
        return error.exit_code
    return int(code or 0)


def _meet(start: Start) -> int | None:
    """Return the exit code of a process that has nothing to do, or None for the one that has."""
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            mpi = import_mpi()
    except LaunchError:
        return None  # no MPI, or each alone: then each works, as without a launcher
    comm = mpi.COMM_WORLD
    try:
        agree_on_start(comm, start)
    except HpcpyError as error:
        if comm.rank == 0:
            say_error(error)
        comm.Barrier()
        return error.exit_code
    rank = comm.rank
    mpi.Finalize()  # the work may take long, and start jobs of its own
    return None if rank == 0 else 0
