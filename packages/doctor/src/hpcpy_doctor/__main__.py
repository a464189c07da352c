"""``hpcpy-doctor``: say what is wrong here, and what mends it."""

import io
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from time import sleep
from types import FrameType

import click

from hpcpy_core.errors import HpcpyError
from hpcpy_core.launch import read_announcement
from hpcpy_core.masking import mask_tracebacks
from hpcpy_core.streams import guard_streams, run_guarded
from hpcpy_doctor.command import Options, command
from hpcpy_doctor.end_children import end_children
from hpcpy_doctor.examine import examine
from hpcpy_doctor.explain import explain, format_list, list_kinds
from hpcpy_doctor.plan import Plan, make_plan
from hpcpy_doctor.registry import load_checks

__all__ = ["main"]

TO_SPEAK = 0.5
"""Seconds for rank 0 to say what is wrong with the command line, before others end the job."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code, which all processes of a launch share."""
    mask_tracebacks()
    with guard_streams() as output:  # where it is lost, the others are told on the way out
        return run_guarded(output, lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    announcement = read_announcement()
    speaks = announcement is None or announcement.rank == 0
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


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
