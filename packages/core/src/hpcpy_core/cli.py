"""The entry point and the options that every command shares.

A command is parsed before MPI starts, so that ``--help`` needs no MPI. Its click
callback returns the work to do, a `Work`; `run_command` then starts MPI, checks
the launch, agrees with the other ranks that all were started alike, and does the
work on all ranks.
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
from hpcpy_core.launch import end_launch, import_mpi, read_announcement
from hpcpy_core.same_start import Start, agree_on_start
from hpcpy_core.streams import Guarded, guard_streams, say_error, shorten_message

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["Work", "device_options", "run_command"]

Work = Callable[["MPI.Intracomm"], None]

TO_SPEAK = 0.5
"""Seconds for rank 0 to say what all ranks met."""

TO_SPEAK_FIRST = 3
"""Seconds in which the launcher has ended a job whose rank 0 met the same."""


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
        Standard output that cannot be written: see `hpcpy_core.streams`.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    announcement = read_announcement()
    speaks = announcement is None or announcement.rank == 0
    with guard_streams() as output:
        with nullcontext() if speaks else redirect_stdout(io.StringIO()):
            work, usage_error = _parse(command, arguments)
        is_done = work is None and usage_error is None  # it was --help or the like
        if is_done and (announcement is None or announcement.size == 1):
            return _finish(output)
        try:
            import_mpi()
        except LaunchError as error:
            if is_done:
                return _finish(output)
            if speaks:
                say_error(error)
            else:  # the launcher may end the job at the first exit: let rank 0 speak
                sleep(TO_SPEAK_FIRST if error.lone else TO_SPEAK)
                if error.lone and announcement is not None and announcement.launcher != "srun":
                    say_error(error)  # it has not: this rank alone met it
            end_launch(error.exit_code)
            return error.exit_code
        mistake = str(usage_error) if usage_error else ""
        start = Start.of_this_process(command.name or "", arguments, mistake)
        return _work(work, world(), start, output)


def _work(work: Work | None, comm: "MPI.Intracomm", start: Start, output: Guarded) -> int:
    """Agree on the start, do the work, agree on its end. Collective over comm."""
    from hpcpy_core.agreement import raise_on_all

    try:
        agree_on_start(comm, start)
        output.ends = comm.size == 1
        if work is not None:
            work(comm)
        output.flush()
        raise_on_all(comm, output.error)
    except HpcpyError as error:
        if not error.agreed:
            return _abort(error)
        if comm.rank == 0:
            say_error(error)
        comm.Barrier()  # a rank that leaves with an error may end the job before rank 0 spoke
        return error.exit_code
    except BaseException as error:
        if comm.size == 1 and output.error is not None:
            return _finish(output)
        return _abort(error)
    return 0


def _finish(output: Guarded) -> int:
    """Return the exit code of a process that ends alone, and say what became of its output."""
    output.ends = False
    output.flush()
    if output.error is None:
        return 0
    say_error(output.error)
    return output.error.exit_code


def _parse(command: click.Command, argv: Sequence[str]) -> tuple[Work | None, InputError | None]:
    """Return the work that was asked for, or what is wrong, or neither after ``--help``."""
    try:
        work = command.main(args=list(argv), prog_name=command.name, standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" (try: {context.command_path} --help)" if context else ""
        return None, InputError(f"{shorten_message(error.format_message())}{hint}")
    except HpcpyError as error:  # from a callback that looks before MPI starts
        return None, InputError(str(error))
    return (work, None) if callable(work) else (None, None)


def _abort(error: BaseException) -> int:
    """Print the traceback, and make this process's exit end the job on all ranks."""
    from mpi4py.run import set_abort_status

    sys.stderr.write("".join(traceback.format_exception(error)))  # whole: other ranks write too
    sys.stderr.flush()
    set_abort_status(error if isinstance(error, SystemExit | KeyboardInterrupt) else 1)
    return 1
