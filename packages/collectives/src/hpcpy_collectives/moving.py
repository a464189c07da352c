"""Calls with what their transport does before and after them: it belongs to what is timed."""

from collections.abc import Callable
from typing import TypeVar

from hpcpy_core.message_buffer import HostBuffer, MessageBuffer

__all__ = ["moving"]

Returned = TypeVar("Returned")


def moving(
    call: Callable[[], Returned],
    *,
    sent: MessageBuffer | None = None,
    received: MessageBuffer | None = None,
) -> Callable[[], Returned]:
    """Return `call` between bringing one buffer to MPI and another back from it. Local.

    Arrays in host memory need neither: there the call itself is returned, so that
    nothing is added to what is timed.
    """
    out, into = (None if isinstance(each, HostBuffer) else each for each in (sent, received))
    if out is None and into is None:
        return call

    def move() -> Returned:
        if out is not None:
            out.to_mpi()
        if into is not None:
            into.synchronize()
        returned = call()
        if into is not None:
            into.from_mpi()
        return returned

    return move
