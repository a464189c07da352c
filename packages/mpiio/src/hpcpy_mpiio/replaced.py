"""All ranks fill a temporary that rank 0 started, and rank 0 gives it its name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.errors import HpcpyError

__all__ = ["replaced"]


class Started(Protocol):
    """A temporary and the name that it will have; it is sent to all ranks."""

    def publish(self) -> None:
        """Put it on disk and give it its name."""

    def discard(self) -> None:
        """Remove it."""


S = TypeVar("S", bound=Started)


@contextmanager
def replaced(start: Callable[[], S], comm: MPI.Intracomm) -> Iterator[S]:
    """Yield what rank 0 started; publish it at the end, or discard it. Collective over comm.

    Parameters
    ----------
    start
        Called on rank 0 only.
    comm
        What is raised inside the `with` block must be agreed by its ranks.

    Raises
    ------
    HpcpyError
        The same on every rank, if starting or publishing failed. No rank returns
        before the temporary is gone.
    """
    own: S | None = None
    try:
        with on_root(comm) as is_root:
            if is_root:
                own = start()
        yield comm.bcast(own, root=0)
        with on_root(comm):
            if own is not None:
                own.publish()
    except BaseException as error:
        if own is not None:
            own.discard()
        if isinstance(error, HpcpyError) and error.agreed:
            comm.Barrier()
        raise
