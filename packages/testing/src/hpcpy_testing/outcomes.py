"""What each rank tells the others of how its tests ended: a skip must be one on all ranks.

A rank that skips alone goes on to the next test, and leaves the others in a call that it
never makes. Nobody can wait for them in MPI without being stuck as they are, so each rank
writes to a file in memory, which the others of its node open through /proc: it costs no
message, and nothing is left behind however a rank may end.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["Outcomes"]

APART = ("skipped", "xfailed")
"""The outcomes of a rank that has left a test early."""

LONGEST = 200
"""Letters of a reason."""


class Outcomes:
    """The ends of this rank's tests and of the others'. Made collectively over `comm`.

    Ranks on other nodes are not seen. May be used from any thread.

    Parameters
    ----------
    comm
        The ranks that run the same tests.
    """

    def __init__(self, comm: MPI.Intracomm) -> None:
        self._rank = comm.rank
        self._lock = threading.Lock()
        self._mine: dict[str, tuple[str, str]] = {}
        name = f"hpcpy-testing-{comm.bcast(uuid.uuid4().hex)}"
        self._own = os.memfd_create(name)
        files = comm.allgather(f"/proc/{os.getpid()}/fd/{self._own}")
        self._others = {
            rank: _Other(path)
            for rank, path in enumerate(files)
            if rank != comm.rank and _leads_to(path, name)
        }
        comm.Barrier()  # until all have opened it, nobody may close it

    def note(self, where: str, outcome: str, why: str = "") -> None:
        """Tell how this rank's test ended: passed, failed, skipped or xfailed. Local."""
        why = " ".join(why.split())[:LONGEST]
        with self._lock:
            self._mine[where] = outcome, why
        os.write(self._own, f"{json.dumps([where, outcome, why])}\n".encode())

    def find_difference(self, where: str) -> str | None:
        """Return who skipped a test that others did not, as far as is told by now. Local.

        Parameters
        ----------
        where
            The test. While this rank has not noted its own outcome it counts as one that
            does not skip.
        """
        with self._lock:
            mine, reason = self._mine.get(where, ("", ""))
            for rank, other in self._others.items():
                theirs, why = other.read(where)
                if not theirs or theirs == mine or "failed" in (mine, theirs):
                    continue
                if theirs in APART:
                    return _describe(rank, theirs, why, self._rank, mine)
                if mine in APART:
                    return _describe(self._rank, mine, reason, rank, theirs)
        return None


class _Other:
    """Another rank's file, read as it grows."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        self._offset = 0
        self._told: dict[str, tuple[str, str]] = {}

    def read(self, where: str) -> tuple[str, str]:
        """Return the outcome of a test and its reason, or two empty words."""
        size = os.fstat(self._descriptor).st_size
        text = os.pread(self._descriptor, size - self._offset, self._offset)
        whole = text[: text.rfind(b"\n") + 1]  # the last line may still be being written
        self._offset += len(whole)
        for line in whole.splitlines():
            test, outcome, why = json.loads(line)
            self._told[test] = outcome, why
        return self._told.get(where, ("", ""))


def _leads_to(path: str, name: str) -> bool:
    """Whether the file is that of a rank on this node, which sees the same processes."""
    try:
        return os.readlink(path).startswith(f"/memfd:{name}")  # noqa: PTH115 - it names no path
    except OSError:
        return False


def _describe(apart: int, outcome: str, why: str, other: int, theirs: str) -> str:
    reason = f" ({why})" if why else ""
    did = {"skipped": "skipped it", "xfailed": "failed in it as expected"}
    return (
        f"rank {apart} {did[outcome]}{reason}, and rank {other} "
        f"{did.get(theirs, 'passed' if theirs else 'did not')}: ranks must skip a test, or fail "
        "in it as expected, all or none"
    )
