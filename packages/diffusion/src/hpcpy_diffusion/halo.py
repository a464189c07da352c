"""Halo exchange: every rank gets the layers next to its block from its neighbours."""

from contextlib import ExitStack
from types import TracebackType
from typing import Protocol, Self

from mpi4py import MPI

from hpcpy_core.topology import neighbours
from hpcpy_diffusion.field_pair import FieldPair

__all__ = ["Exchange", "HaloExchange"]


class Exchange(Protocol):
    """How the ranks get each other's news: `start`, then `finish`, before each `advance`."""

    def start(self) -> None:
        """Start to send the outer layers of the current field and to receive its halo. Local."""

    def finish(self) -> None:
        """Wait until the halo is there and the sent layers may change. Collective."""


class HaloExchange:
    """The exchange of a pair's halos, set up once and started again and again.

    Persistent requests keep the arguments, for each of the two fields: an exchange costs
    no set-up. Halos of depth 1 travel on all four sides at once: a 5-point stencil does
    not read their corners. Deeper halos need the corners, and get them in two phases:
    first columns, then rows with what has just arrived at their ends.

    Use it as a context: its end frees the requests. Between `start` and `finish` the items
    that no neighbour needs may be computed.

    Parameters
    ----------
    cart
        Communicator of the grid of ranks, not periodic. Creation is local.
    pair
        Whose layers are exchanged.
    corners
        Whether the halo's corners are needed.
    """

    def __init__(self, cart: MPI.Cartcomm, pair: FieldPair, *, corners: bool) -> None:
        self._pair = pair
        self._resources = ExitStack()
        self._phases = []
        """Of each phase that has neighbours: its axes, and the requests of both fields."""
        for axes in ((1,), (0,)) if corners else ((0, 1),):
            requests = [self._prepare(cart, axes, parity) for parity in (0, 1)]
            if requests[0]:
                self._phases.append((axes, requests))

    def start(self) -> None:
        """Start the last phase of the exchange, after those before it are done. Local for one."""
        for number in range(len(self._phases)):
            if number:
                self._end(number - 1)
            axes, requests = self._phases[number]
            for axis in axes:
                self._pair.pack(axis)
            MPI.Prequest.Startall(requests[self._pair.parity])

    def finish(self) -> None:
        """Wait until the halo is there and the sent layers may change. Collective."""
        if self._phases:
            self._end(len(self._phases) - 1)

    def __enter__(self) -> Self:
        """Return the exchange itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the requests."""
        self._resources.close()

    def _end(self, number: int) -> None:
        axes, requests = self._phases[number]
        MPI.Request.Waitall(requests[self._pair.parity])
        for axis in axes:
            self._pair.unpack(axis)

    def _prepare(
        self, cart: MPI.Cartcomm, axes: tuple[int, ...], parity: int
    ) -> list[MPI.Prequest]:
        requests, sides = [], neighbours(cart)
        for axis in axes:
            layers = self._pair.layers(parity, axis)
            for direction, (toward, layer) in enumerate(zip(sides[axis], layers, strict=True)):
                if layer is None:
                    continue
                tag = 2 * axis + direction
                # The neighbour sends this layer in the opposite direction, under its own tag.
                requests.append(cart.Recv_init(layer.recvbuf, source=toward, tag=tag ^ 1))
                requests.append(cart.Send_init(layer.sendbuf, dest=toward, tag=tag))
        for request in requests:
            self._resources.callback(request.Free)
        return requests
