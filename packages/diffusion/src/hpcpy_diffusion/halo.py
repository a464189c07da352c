"""Halo exchange: every rank gets the rows and columns next to its block from its neighbours."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from mpi4py import MPI

from hpcpy_core.datatypes import subarray
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.topology import neighbours
from hpcpy_diffusion.kernels import Field

__all__ = ["HaloExchange"]


class HaloExchange:
    """The exchange of one array's halo, set up once and started at every step.

    Persistent requests keep the arguments, derived datatypes describe rows and
    columns in place: a step costs no set-up and no copy. Corners are not sent, a
    5-point stencil does not read them.

    Use it as a context: its end frees requests and datatypes. Between `start`
    and `finish` the inner items that no neighbour needs may be computed.

    Parameters
    ----------
    cart
        Communicator of the grid of ranks, not periodic. Creation is local.
    decomposition
        With a boundary of width 1.
    u
        This rank's padded block, shape ``decomposition.padded(rank).shape``,
        C-ordered. The same memory is exchanged every time.
    """

    def __init__(self, cart: MPI.Cartcomm, decomposition: Decomposition, u: Field) -> None:
        padded = decomposition.padded(cart.rank)
        inner = decomposition.interior(cart.rank).within(padded)
        self._resources = ExitStack()
        self._requests: list[MPI.Prequest] = []
        for axis, (before, after) in enumerate(neighbours(cart)):
            end = u.shape[axis]
            for toward, send_at, receive_at, tag in (
                (before, 1, 0, 2 * axis),
                (after, end - 2, end - 1, 2 * axis + 1),
            ):
                if not _has_cells(decomposition, (cart.rank, toward)):
                    continue
                sent = self._layer(u, inner, axis, send_at)
                received = self._layer(u, inner, axis, receive_at)
                # The neighbour sends this layer in the opposite direction, under its own tag.
                self._keep(cart.Recv_init((u, 1, received), source=toward, tag=tag ^ 1))
                self._keep(cart.Send_init((u, 1, sent), dest=toward, tag=tag))

    def start(self) -> None:
        """Start sending the outer layers of the block and receiving the halo. Local."""
        if self._requests:
            MPI.Prequest.Startall(self._requests)

    def finish(self) -> None:
        """Wait until the halo is there and the sent layers may change. Collective."""
        if self._requests:
            MPI.Request.Waitall(self._requests)

    def __enter__(self) -> Self:
        """Return the exchange itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free requests, then datatypes."""
        self._resources.close()

    def _layer(self, u: Field, inner: Sequence[slice], axis: int, at: int) -> MPI.Datatype:
        region = list(inner)
        region[axis] = slice(at, at + 1)
        return self._resources.enter_context(subarray(u.dtype, u.shape, region))

    def _keep(self, request: MPI.Prequest) -> None:
        self._requests.append(request)
        self._resources.callback(request.Free)


def _has_cells(decomposition: Decomposition, ranks: Sequence[int]) -> bool:
    """Tell whether all are ranks with cells: with more ranks than rows some have none."""
    return all(rank != MPI.PROC_NULL and decomposition.interior(rank).size for rank in ranks)
