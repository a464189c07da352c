"""A rank's journal: one JSON line per event, written at once, so that a crash loses nothing.

The launcher reads it (see `story`) to tell which test a rank was in when it was
lost, and whether it came to the end of its session at all.
"""

import json
import os
import time
from pathlib import Path

from hpcpy_core.masking import mask_text

__all__ = ["Journal"]


class Journal:
    """Notes events at the end of a file. Local; may be used from any thread.

    Parameters
    ----------
    path
        The file; ``os.devnull`` where no launcher will read it.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o644)

    def note(self, event: str, **facts: str | int | float | list[str]) -> None:
        """Append one event with its facts, in one write; a reason without credentials."""
        if isinstance(why := facts.get("why"), str):
            facts["why"] = mask_text(why)
        line = json.dumps({"event": event, "time": time.time(), **facts})
        os.write(self._descriptor, f"{line}\n".encode())

    def start(self, rank: int) -> None:
        """Note that this process is the given rank."""
        self.note("start", rank=rank, pid=os.getpid())

    def world(self, size: int, shared_memory: list[str]) -> None:
        """Note the size of COMM_WORLD and the shared memory files that MPI has mapped."""
        self.note("world", size=size, shared_memory=shared_memory)

    def enter(self, where: str) -> None:
        """Note the test, or the other part of the session, that begins now."""
        self.note("enter", where=where)

    def outcome(self, where: str, outcome: str) -> None:
        """Note that a test came to its end."""
        self.note("outcome", where=where, outcome=outcome)

    def failed(self, where: str, why: str) -> None:
        """Note a failure as soon as it is known."""
        self.note("failed", where=where, why=why)

    def refused(self, where: str, why: str) -> None:
        """Note that the ranks do not agree: no single one of them is to blame."""
        self.note("refused", where=where, why=why)

    def follows(self, why: str) -> None:
        """Note that this rank ends because of another one."""
        self.note("follows", why=why)

    def unselected(self) -> None:
        """Note that the user's choice of tests left none here."""
        self.note("unselected")

    def expired(self, where: str, why: str) -> None:
        """Note that the deadline has passed."""
        self.note("expired", where=where, why=why)

    def end(self, status: int) -> None:
        """Note the end of the session: the marker without which no launch is green."""
        self.note("end", status=status)
