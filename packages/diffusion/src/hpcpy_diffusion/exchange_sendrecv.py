"""The halo exchange as one reads it in a textbook: two blocking Sendrecv along each axis."""

from mpi4py import MPI

from hpcpy_core.topology import neighbours
from hpcpy_diffusion.field_pair import FieldPair

__all__ = ["SendrecvExchange"]


class SendrecvExchange:
    """The exchange of a pair's halos by MPI_Sendrecv, first columns, then rows.

    Every rank sends one way while it receives from the other, so that none waits for ever.
    Each message is set up anew and waited for before the next one starts: compare
    `hpcpy_diffusion.halo.HaloExchange`.

    Parameters
    ----------
    cart
        Communicator of the grid of ranks, not periodic. Creation is local.
    pair
        Whose layers are exchanged.
    """

    def __init__(self, cart: MPI.Cartcomm, pair: FieldPair) -> None:
        self._cart, self._pair = cart, pair
        self._layers = [[pair.layers(parity, axis) for axis in (0, 1)] for parity in (0, 1)]
        self._sides = neighbours(cart)

    def start(self) -> None:
        """Do nothing: a blocking exchange cannot be begun and left."""

    def finish(self) -> None:
        """Exchange all sides. Collective."""
        for axis in (1, 0):
            self._pair.pack(axis)
            before, after = self._layers[self._pair.parity][axis]
            source, dest = (  # no neighbour, or one without cells: nobody answers
                MPI.PROC_NULL if layer is None else side
                for layer, side in zip((before, after), self._sides[axis], strict=True)
            )
            for sent, toward, received, origin in (
                (after, dest, before, source),
                (before, source, after, dest),
            ):
                self._cart.Sendrecv(
                    sent and sent.sendbuf,
                    dest=toward,
                    recvbuf=received and received.recvbuf,
                    source=origin,
                )
            self._pair.unpack(axis)
