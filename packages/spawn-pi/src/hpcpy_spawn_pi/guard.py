"""The parent's watch over processes that it cannot wait for: their end, and a deadline.

A process in MPI_Comm_spawn, MPI_Comm_accept or a collective call of an
intercommunicator cannot be called back when the other side is dead: MPI waits for ever,
or ends the job without a word of why. So a thread beside it listens to the shields of
the workers (`hpcpy_spawn_pi.shield`) and to the clock. When a worker is lost, or late,
it says so and ends this process, upon which the launcher ends the job.
"""

import math
import os
import secrets
import select
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from time import monotonic, sleep
from types import TracebackType
from typing import NoReturn
from uuid import uuid4

from hpcpy_core.errors import HpcpyError
from hpcpy_spawn_pi.shielded import Shielded, Stranger

__all__ = ["Guard", "end_job"]

SHIELD = "hpcpy_spawn_pi.shield"

GATHER_SECONDS = 0.3
"""After the first loss: workers that die of one cause are told of in one message."""

MOST_STRANGERS = 32
"""Connections that have not yet shown the token: beyond, the one that came first has to go."""


def end_job(message: str) -> NoReturn:
    """Say what went wrong and end this process, and with it its MPI job. Local.

    MPI gives no way out of a call whose other side is gone, so no exception could.
    """
    sys.stdout.flush()
    os.write(2, f"error: {message}\n".encode())
    os._exit(HpcpyError.exit_code)


class Guard:
    """A watch over other processes, for use by ``with``. Local.

    Parameters
    ----------
    timeout
        Seconds that each wait may take.
    advice
        What the user may do instead, for the end of a message.
    lose
        What to do with the message when a process is lost or late; called in
        another thread. Of several ranks that wait together one should speak.
    """

    def __init__(
        self, timeout: float, *, advice: str = "", lose: Callable[[str], object] = end_job
    ) -> None:
        self._timeout = timeout
        self._advice = advice
        self._lose = lose
        self._doing = ""
        self._deadline: float | None = None
        self._may_leave = True
        self._workers: list[Shielded] = []
        self._strangers: list[Stranger] = []
        self._all_gone = threading.Event()
        self._all_gone.set()  # none has come yet

    def __enter__(self) -> "Guard":
        """Listen to shields, and start to watch."""
        # The kernel's own name space: nothing to remove, however this process may end.
        self._place = f"hpcpy-spawn-{uuid4().hex}"
        # The kernel tells all users of its name: only who knows the token, too, is a shield.
        self._token = secrets.token_hex(16)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"\0{self._place}")
        self._listener.listen(socket.SOMAXCONN)
        self._listener.setblocking(False)  # who connected may be gone when it is accepted
        self._woken, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the workers leave; after an exception their shields end them."""
        if kind is None:
            self._all_gone.wait()  # the watch goes on, with the deadline of the last wait
        os.close(self._wake)
        self._thread.join()
        os.close(self._woken)
        self._listener.close()
        for worker in self._workers:
            worker.connection.close()
        for stranger in self._strangers:
            stranger.connection.close()

    def shielded(self, module: str, *arguments: str) -> list[str]:
        """Return the arguments with which Python runs a module as a watched worker. Local.

        For MPI_Comm_spawn of `sys.executable`. Python's -P keeps the current directory
        out of the module path: a file there must not pass for the worker.
        """
        return ["-P", *self.shield(), "-m", module, *arguments]

    def shield(self) -> list[str]:
        """Return the arguments that go between Python and ``-m MODULE``. Local."""
        return ["-m", SHIELD, self._place, self._token]

    def waiting(self, doing: str, *, may_leave: bool = False) -> None:
        """Begin a wait that may take `timeout` seconds. Local.

        Parameters
        ----------
        doing
            For the message: ``starting 2 workers``.
        may_leave
            Whether workers may end, with exit code 0.
        """
        self._begin(doing, self._timeout, may_leave)

    def computing(self, doing: str) -> None:
        """Begin a wait that may take as long as it likes while all workers live. Local."""
        self._begin(doing, None, False)

    def explain(self, error: Exception) -> HpcpyError:
        """Return what an error in one of the waits means to the user. Local.

        If a worker was lost, the watch says so and ends the job before this returns.
        """
        sleep(2 * GATHER_SECONDS)
        said = "".join(traceback.format_exception_only(error))
        return HpcpyError(self._describe(" ".join(said.split())))

    def _begin(self, doing: str, seconds: float | None, may_leave: bool) -> None:
        self._doing = doing
        self._may_leave = may_leave
        self._deadline = None if seconds is None else monotonic() + seconds
        os.write(self._wake, b".")

    def _watch(self) -> None:
        """Listen until the guard is left, or until a process is lost or late, and say so."""
        try:
            message = self._listen()
        except Exception as error:  # too many open files, say; or the job would wait for ever
            message = self._describe(f"the guard cannot watch any more: {error}")
        if message is not None:
            self._lose(message)
            self._all_gone.set()  # none is waited for any more

    def _listen(self) -> str | None:
        """Return what happened to the workers, or None when the guard is left."""
        said_by: float | None = None  # when a loss is told
        while True:
            moments = [moment for moment in (self._deadline, said_by) if moment is not None]
            wait = max(0.0, min(moments) - monotonic()) if moments else None
            ready = self._wait(wait)
            if self._woken in ready and not os.read(self._woken, 4096):
                return None
            for worker in self._workers:
                if worker.connection.fileno() in ready:
                    worker.listen()
            self._hear_strangers(ready)
            if self._listener.fileno() in ready:
                self._accept()
            lost = self._find_lost()
            self._let_go(lost)
            if not lost:
                said_by = None
            elif said_by is None:
                said_by = monotonic() + GATHER_SECONDS
            late = self._deadline is not None and monotonic() >= self._deadline
            if late or (said_by is not None and monotonic() >= said_by):
                return self._describe("" if lost else self._describe_late())

    def _wait(self, seconds: float | None) -> set[int]:
        """Return the descriptors from which something may be read, once there are any."""
        talking = [worker.connection for worker in self._workers if worker.talks]
        poll = select.poll()  # descriptors may be beyond what select() can take
        poll.register(self._woken, select.POLLIN)
        for connection in (self._listener, *talking, *(s.connection for s in self._strangers)):
            poll.register(connection, select.POLLIN)
        events = poll.poll(None if seconds is None else math.ceil(1000 * seconds))
        return {descriptor for descriptor, _ in events}

    def _hear_strangers(self, ready: set[int]) -> None:
        """Take in those as shields that have shown the token, and send those away that did not."""
        for stranger in [one for one in self._strangers if one.connection.fileno() in ready]:
            if stranger.listen():
                self._strangers.remove(stranger)
                if stranger.right:
                    self._workers.append(Shielded(stranger.connection))
                else:
                    stranger.connection.close()

    def _accept(self) -> None:
        """Let somebody in who may be a shield, if it is this user: others may connect, too."""
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:
            if not self._strangers:
                raise
            self._strangers.pop(0).connection.close()  # its file is needed
            return
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, user, _ = struct.unpack("3i", peer)
        if user != os.geteuid():
            connection.close()
            return
        self._strangers.append(Stranger(connection, self._token))
        if len(self._strangers) > MOST_STRANGERS:
            self._strangers.pop(0).connection.close()

    def _let_go(self, lost: list[Shielded]) -> None:
        """Let the shields go whose workers may have ended."""
        for worker in self._workers:
            if worker.ended and worker not in lost:
                worker.let_go()
        # A lost worker holds the guard until that is told: MPI may have called it a success.
        if not lost and all(worker.ended for worker in self._workers):
            self._all_gone.set()
        else:
            self._all_gone.clear()

    def _find_lost(self) -> list[Shielded]:
        return [
            worker
            for worker in self._workers
            if worker.failed or (worker.ended and not self._may_leave)
        ]

    def _describe_late(self) -> str:
        started = len(self._workers)
        living = sum(not worker.ended for worker in self._workers)
        workers = f"; {started} worker processes were started, {living} live" if started else ""
        return f"not done within {self._timeout:g} s{workers}"

    def _describe(self, what: str) -> str:
        """Return one message: during what, what happened, and what to do."""
        happened = "; ".join(filter(None, [*map(str, self._find_lost()), what]))
        advice = f". {self._advice}" if self._advice else ""
        return f"while {self._doing}: {happened}{advice}"
