"""Take SIGUSR1 as the wish that the run stops. No MPI: each process catches its own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

__all__ = ["StopRequest", "catching_sigusr1"]


@dataclass
class StopRequest:
    """Whether this process is asked to stop."""

    seen: bool = False


@contextmanager
def catching_sigusr1() -> Iterator[StopRequest]:
    """Note SIGUSR1 instead of dying of it. Local; in the main thread only.

    Slurm sends it ahead of the time limit (``--signal=USR1@120``), and mpiexec passes
    it to all ranks. One that comes late, to a rank which has stopped with the others
    already, is ignored.
    """
    request = StopRequest()

    def note(number: int, frame: FrameType | None) -> None:
        request.seen = True

    before = signal.signal(signal.SIGUSR1, note)
    signal.siginterrupt(signal.SIGUSR1, False)  # MPI may not expect an interrupted write
    try:
        yield request
    finally:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN if request.seen else before)
