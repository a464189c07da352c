"""Start a program that heeds signals: what a shell starts in the background ignores SIGINT.

A signal that is ignored stays so in every program started from there: SIGINT in what a script
starts with ``&``, SIGHUP under nohup. A test that sends one to a program of its own
starts it in this way.
"""

import sys
from collections.abc import Sequence

__all__ = ["restoring_signals"]

PROGRAM = (
    "import os, signal, sys\n"
    "for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):\n"
    "    signal.signal(number, signal.SIG_DFL)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


def restoring_signals(command: Sequence[str]) -> list[str]:
    """Return a command that runs another one with the usual actions of signals. Local.

    The program takes the place of this command's process, and so has its pid.
    """
    return [sys.executable, "-I", "-c", PROGRAM, *command]
