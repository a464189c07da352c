"""Outlive the launcher's anger: an MPI_Init that fails makes it kill the processes it knows.

Hydra sends SIGKILL to the process group of every rank, PRRTE sends SIGTERM and then SIGKILL.
Both go on to print what a process of another group writes, so that is where the report ends.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

__all__ = ["go_apart", "on_terminate"]


def go_apart() -> Callable[[], bool]:
    """Go on in a child with a session of its own; the parent waits and ends like it. Local.

    Returns
    -------
    callable
        Tells whether the launcher has ended, or asked to end, what it knows of.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    known = os.getpid()
    child = os.fork()
    if child:
        _stand_in_for(child)
    os.setsid()
    asked = on_terminate()
    return lambda: asked() or os.getppid() != known


def on_terminate() -> Callable[[], bool]:
    """Note SIGTERM instead of being ended by it; return what tells of it. Local."""
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    signal.signal(signal.SIGTERM, note)
    return lambda: bool(came)


def _stand_in_for(child: int) -> None:
    """Be the process that the launcher knows, until the child has ended."""

    def hand_on(number: int, _: FrameType | None) -> None:
        os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, hand_on)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)
