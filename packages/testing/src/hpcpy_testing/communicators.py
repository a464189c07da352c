"""The communicators that a test gets as fixtures: its own, and freed after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["FAILED", "SubComm", "comm", "subcomm"]

SubComm: TypeAlias = "Callable[[int], MPI.Intracomm | None]"

FAILED = pytest.StashKey[bool]()
"""Set on an item that failed on this rank."""


@pytest.fixture
def comm(request: pytest.FixtureRequest) -> Iterator[MPI.Intracomm]:
    """Give a test its own duplicate of COMM_WORLD. Collective over COMM_WORLD.

    A test must receive all messages that it sends on it. One left behind would reach a
    later test (MPICH gives a new communicator the context of one that was freed), so
    it fails the test that left it.
    """
    from mpi4py import MPI

    duplicate = MPI.COMM_WORLD.Dup()
    yield duplicate
    if _is_to_be_freed(request, duplicate):
        _expect_no_message(duplicate)
        duplicate.Free()


@pytest.fixture
def subcomm(request: pytest.FixtureRequest, comm: MPI.Intracomm) -> Iterator[SubComm]:
    """Make communicators of the first ranks: ``subcomm(size)``. Collective over `comm`.

    Every rank calls it; the ranks that are not in it get None and return from the
    test.
    """
    from mpi4py import MPI

    made: list[MPI.Intracomm] = []

    def make(size: int) -> MPI.Intracomm | None:
        if not 1 <= size <= comm.size:
            raise ValueError(f"subcomm({size}): size must be from 1 to {comm.size}, the ranks here")
        inside = comm.rank < size
        part = MPI.Intracomm(comm.Split(0 if inside else MPI.UNDEFINED, comm.rank))
        if not inside:
            return None
        made.append(part)
        return part

    yield make
    for part in reversed(made):
        if _is_to_be_freed(request, part):
            part.Free()


def _is_to_be_freed(request: pytest.FixtureRequest, communicator: MPI.Intracomm) -> bool:
    # Freeing is collective: after a failure on this rank the others may never come to it.
    # A null communicator is one that the test has freed itself.
    return not request.node.stash.get(FAILED, False) and bool(communicator)


def _expect_no_message(communicator: MPI.Intracomm) -> None:
    from mpi4py import MPI

    # Whatever the other ranks have sent in this test, they have sent when they are here.
    communicator.Barrier()
    status = MPI.Status()
    if communicator.Iprobe(status=status):
        pytest.fail(
            f"rank {communicator.rank} of {communicator.size} did not receive a message from rank "
            f"{status.Get_source()} with tag {status.Get_tag()}; receive it or do not send it",
            pytrace=False,
        )
