"""Make the exchange of messages that the plan wants."""

from collections.abc import Iterator
from contextlib import contextmanager

from mpi4py import MPI

from hpcpy_diffusion.exchange_sendrecv import SendrecvExchange
from hpcpy_diffusion.field_pair import FieldPair
from hpcpy_diffusion.halo import Exchange, HaloExchange
from hpcpy_diffusion.plan import Plan

__all__ = ["make_exchange"]


@contextmanager
def make_exchange(plan: Plan, cart: MPI.Cartcomm, pair: FieldPair) -> Iterator[Exchange]:
    """Yield the exchange of a pair's halos by messages; free it at the end. Local."""
    if plan.exchange == "sendrecv":
        yield SendrecvExchange(cart, pair)
    else:
        with HaloExchange(cart, pair, corners=plan.depth > 1) as exchange:
            yield exchange
