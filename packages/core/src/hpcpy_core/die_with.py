"""Let the kernel end a process with its parent, however that ends: SIGKILL leaves no time."""

import ctypes
import os
import signal

__all__ = ["die_with"]

PR_SET_PDEATHSIG = 1


def die_with(parent: int, number: int = signal.SIGKILL) -> None:
    """Have this process sent a signal when its parent's thread that made it ends. Local.

    It outlives exec, as a function for `subprocess.Popen(preexec_fn=...)` has it.

    Parameters
    ----------
    parent
        The process that made this one: it may be gone already, and then this one ends.
    number
        The signal.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)  # it was gone before
