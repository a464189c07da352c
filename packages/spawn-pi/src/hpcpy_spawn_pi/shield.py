"""What stands between a launcher and a worker: it outlives the worker, and tells of its end.

    python -m hpcpy_spawn_pi.shield PLACE TOKEN -m MODULE [ARGUMENT ...]

MPI_Comm_spawn starts this program in place of the worker; the worker is its child. A
launcher that sees a spawned process die ends the whole job, the parent first, which
then cannot say why (MPICH); or it does nothing, and the parent waits for ever (a worker
that ends before MPI_Init). Here it is the shield that the launcher sees, and the shield
lives until the parent has heard how the worker ended. The other way round, a worker
whose parent is gone is ended, so none is left behind.

A worker on another node than its parent does not find the place, and runs without.
"""

import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from time import sleep
from typing import NoReturn

from hpcpy_core.die_with import die_with
from hpcpy_core.launch import read_announcement
from hpcpy_spawn_pi.shielded import LEAVE

__all__ = ["main"]

LINGER_SECONDS = 1
"""Time for the launcher to end the job: MPICH's may hang if the processes of a spawn are
gone when it finds that their parent is."""


def main(argv: Sequence[str]) -> None:
    """Run the module that `argv` names, behind a shield where the parent listens. Local."""
    place, token, _, module, *arguments = argv
    parent = _connect(place, token)
    if parent is not None:
        born, alive = os.pipe()  # its end is seen when the worker's end of it closes
        shield = os.getpid()
        worker = os.fork()
        if worker:
            os.close(alive)
            _stand(parent, worker, born)
        parent.close()
        os.close(born)
        die_with(shield)
    sys.argv = [module, *arguments]
    if code := _run(module):
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)  # an ordinary exit would wait in MPI_Finalize for the parent


def _run(module: str) -> int:
    """Run the module to its end and return its exit code; if it failed, say why."""
    code: object = None
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code
    except BaseException:
        code = traceback.format_exc().rstrip()
    if not code and _has_parent():
        code = f"error: {module} ended without parting from its parent: call Disconnect first"
    if code is None or isinstance(code, int):
        return code or 0
    sys.stderr.write(f"{code}\n")  # as Python itself does with any other argument of sys.exit
    return 1


def _has_parent() -> bool:
    """Return whether MPI_Finalize would wait for the parent."""
    if "mpi4py.MPI" not in sys.modules:
        return False
    from mpi4py import MPI

    if not MPI.Is_initialized() or MPI.Is_finalized():
        return False
    return MPI.Comm.Get_parent() != MPI.COMM_NULL


def _connect(place: str, token: str) -> socket.socket | None:
    """Return a connection to the parent's guard, or None where it cannot be reached."""
    parent = socket.socket(socket.AF_UNIX)
    try:
        parent.connect(f"\0{place}")
        parent.sendall(f"{token}\n".encode())
    except OSError:
        parent.close()
        return None
    return parent


def _stand(parent: socket.socket, worker: int, born: int) -> NoReturn:
    """Wait for the worker's end, and tell it; or for the parent's, and end the worker."""
    announcement = read_announcement()
    rank = announcement.rank if announcement else None
    _tell(parent, rank=rank, pid=worker)
    ready, _, _ = select.select([parent.fileno(), born], [], [])
    if born not in ready:
        os.kill(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    code = os.waitstatus_to_exitcode(status)
    _tell(parent, code=code)
    if not _may_leave(parent):
        sleep(LINGER_SECONDS)
    os._exit(0)


def _may_leave(parent: socket.socket) -> bool:
    """Wait until the parent lets go, or is gone itself."""
    try:
        return parent.recv(1) == LEAVE
    except OSError:
        return False


def _tell(parent: socket.socket, **words: int | None) -> None:
    with suppress(OSError):  # that it is gone is seen when it should answer
        parent.sendall(json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
