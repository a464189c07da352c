"""Leave no process behind."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from hpcpy_doctor.process import PROC, is_in_the_kernel, list_children

__all__ = ["end_children"]

SECONDS = 6.0
"""For launchers to end their ranks, and for `timeout` to end the launchers that do not."""

MORE_SECONDS = 1.0


def end_children(proc: Path = PROC) -> None:
    """Ask the children of this process to end, and make those end that do not. Local.

    Those that hang in the kernel are left to it: such as one that a dead file server keeps.
    """
    began = monotonic()
    for number, seconds in ((signal.SIGTERM, SECONDS), (signal.SIGKILL, SECONDS + MORE_SECONDS)):
        asked: set[int] = set()
        while living := {pid for pid in list_children(proc) if not _is_gone(pid, proc)}:
            for pid in living - asked:
                with suppress(OSError):
                    os.kill(pid, number)
            asked |= living
            if monotonic() > began + seconds:
                break
            sleep(0.01)


def _is_gone(pid: int, proc: Path) -> bool:
    """Tell whether a process has ended, or hangs in the kernel, where no signal reaches it."""
    if _has_ended(pid) or not is_in_the_kernel(pid, proc):
        return _has_ended(pid)
    sleep(0.1)  # a process that reads a file is there for a moment
    return _has_ended(pid) or is_in_the_kernel(pid, proc)


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
