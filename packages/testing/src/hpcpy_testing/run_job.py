"""Run one MPI job as a child process, and leave nothing of it behind."""

import os
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from hpcpy_core.die_with import die_with
from hpcpy_testing.processes import TOKEN, end_all

__all__ = ["Completed", "run_job"]

POLL = 0.05
TERMINATE_AFTER = 5.0


@dataclass(frozen=True, kw_only=True)
class Completed:
    """A job that has ended.

    Attributes
    ----------
    returncode
        What mpiexec returned: 0 does not prove that every rank came to its end.
    stdout, stderr
        The output of all ranks and of mpiexec.
    seconds
        How long it took.
    timed_out
        Whether it was ended because its time was over.
    leftovers
        The processes that outlived mpiexec and were killed, a line for each.
    """

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool
    leftovers: tuple[str, ...]


def run_job(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout: float,
    lost: Callable[[], bool] = lambda: False,
) -> Completed:
    """Run a command until it ends, its time is over or it is lost. Local.

    Parameters
    ----------
    command
        The command; it should end by itself soon after `timeout` (``timeout -k``
        does that), and when it gets SIGTERM, as it does when this process is killed.
    env
        The environment of the job.
    timeout
        Seconds.
    lost
        Asked every few hundredths of a second; True ends the job.
    """
    token = uuid.uuid4().hex
    began = time.monotonic()
    own = os.getpid()
    # Files and not pipes: a process that outlives mpiexec would keep a pipe open.
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        leftovers: list[str] = []
        try:
            with subprocess.Popen(
                command,
                env={**env, TOKEN: token},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                # Where this process is killed, mpiexec is asked to end its ranks.
                preexec_fn=lambda: die_with(own, signal.SIGTERM),
            ) as process:
                try:
                    _wait(process, began + timeout + TERMINATE_AFTER, lost)
                    seconds = time.monotonic() - began
                finally:
                    _terminate(process)
        finally:
            leftovers += end_all(token)
        return Completed(
            returncode=process.returncode,
            stdout=_text(stdout),
            stderr=_text(stderr),
            seconds=seconds,
            timed_out=seconds >= timeout,
            leftovers=tuple(leftovers),
        )


def _wait(process: subprocess.Popen[bytes], end: float, lost: Callable[[], bool]) -> None:
    while time.monotonic() < end and not lost():
        try:
            process.wait(POLL)
        except subprocess.TimeoutExpired:
            continue
        return


def _terminate(process: subprocess.Popen[bytes]) -> None:
    """Ask mpiexec to end its ranks itself, since it also removes what they share."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(TERMINATE_AFTER)
        except subprocess.TimeoutExpired:
            process.kill()


def _text(stream: IO[bytes]) -> str:
    stream.seek(0, os.SEEK_SET)
    return stream.read().decode(errors="replace")
