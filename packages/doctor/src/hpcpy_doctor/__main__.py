"""``hpcpy-doctor``: say what is wrong here, and what mends it."""

import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from time import sleep
from types import FrameType

import click

from hpcpy_core.errors import HpcpyError
from hpcpy_core.launch import read_announcement
from hpcpy_core.masking import mask_tracebacks
from hpcpy_doctor.command import Options, command
from hpcpy_doctor.end_children import end_children
from hpcpy_doctor.examine import examine
from hpcpy_doctor.explain import explain, format_list, list_kinds
from hpcpy_doctor.plan import Plan, make_plan
from hpcpy_doctor.registry import load_checks

__all__ = ["main"]

TO_SPEAK = 0.5
"""Seconds for rank 0 to say what is wrong with the command line, before others end the job."""

OF_OUTPUT = (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG, errno.EDQUOT)
"""What a standard output that takes no more answers; it names no file."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code, which all processes of a launch share."""
    announcement = read_announcement()
    speaks = announcement is None or announcement.rank == 0
    _open_closed_streams()
    mask_tracebacks()
    signal.signal(signal.SIGTERM, _end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGHUP, _end)
    try:
        if speaks:
            plan = _parse(argv)
        else:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                plan = _parse(argv)
        if isinstance(plan, int):
            sleep(0 if speaks or not plan else TO_SPEAK)
            return plan
        return examine(plan)
    except HpcpyError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except OSError as error:
        if error.filename is not None or error.errno not in OF_OUTPUT:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for the flush at exit
        if isinstance(error, BrokenPipeError):
            return 128 + signal.SIGPIPE
        with suppress(OSError):
            click.echo(f"error: standard output: {error.strerror}", err=True)
        return 1
    finally:
        end_children()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # nothing is left to be ended


def _parse(argv: Sequence[str] | None) -> Plan | int:
    """Return what is to be done, or the exit code where nothing is left to do."""
    try:
        options = command.main(args=argv, prog_name=command.name, standalone_mode=False)
        if not isinstance(options, Options):  # after --help or --version
            return int(options or 0)
        checks, broken = load_checks()
        if options.list or options.explain is not None:
            kinds = list_kinds(checks)
            lines = format_list(kinds) if options.list else explain(options.explain or "", kinds)
            click.echo("\n".join(lines))
            return 0
        return make_plan(options, checks, broken)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except HpcpyError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code


def _open_closed_streams() -> None:
    """Let nothing else become what a shell has closed (``>&-``): standard output, say."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free, which is this one
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # where Python found it closed
            setattr(sys, name, io.StringIO())


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
