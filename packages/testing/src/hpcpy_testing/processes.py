"""The processes of one job, found by a token that each of them inherits.

Hydra gives every rank a session of its own and Open MPI a process group of its
own, so the group or session of mpiexec does not hold the ranks; the environment
that a process started with does tell whose it is (``/proc/PID/environ``; Linux 5.3 or later).
"""

import contextlib
import os
import signal
import time
from pathlib import Path

__all__ = ["TOKEN", "end_all", "of_job"]

TOKEN = "HPCPY_TESTING_JOB"


def of_job(token: str) -> list[int]:
    """Return the living processes that carry the token. Local."""
    entry = f"{TOKEN}={token}".encode()
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())
    return [pid for pid in pids if pid != os.getpid() and entry in _environment(pid)]


def end_all(token: str, *, settle: float = 1.0, limit: float = 10.0) -> list[str]:
    """End every process that carries the token, and return a line for each. Local.

    Parameters
    ----------
    token
        What `TOKEN` is set to in the environment of the job, and of nothing else.
    settle
        Seconds in which the processes may still end by themselves.
    limit
        Seconds to wait for the killed ones to be gone.
    """
    began = time.monotonic()
    ended: dict[int, str] = {}
    while (living := of_job(token)) and (elapsed := time.monotonic() - began) < settle + limit:
        if elapsed >= settle:
            for pid in living:
                ended.setdefault(pid, f"process {pid}: {_command(pid)}")
                _kill(pid, token)
        time.sleep(0.02)
    return list(ended.values())


def _kill(pid: int, token: str) -> None:
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            # Looked at again through the descriptor's lifetime: a recycled pid is never killed.
            if f"{TOKEN}={token}".encode() in _environment(pid):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        finally:
            os.close(descriptor)


def _environment(pid: int) -> list[bytes]:
    """Return the environment of a process, empty if it is gone, a zombie or another user's."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return "(gone)"
