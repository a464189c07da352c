"""Make a rank's two fields and their exchange, as the plan wants them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import prod

import numpy as np
from mpi4py import MPI

from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_diffusion.exchange_shared import SharedExchange
from hpcpy_diffusion.field_pair import Extent, FieldPair
from hpcpy_diffusion.find_extent import find_extent
from hpcpy_diffusion.halo import Exchange
from hpcpy_diffusion.kernels import Kernel, Step
from hpcpy_diffusion.make_exchange import make_exchange
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plain_pair import PlainPair, allocate
from hpcpy_diffusion.plan import Plan
from hpcpy_diffusion.shared_memory import SharedMemory

__all__ = ["make_pair", "shared_bytes"]


def shared_bytes(kernel: Kernel, parameters: Parameters, team: int) -> int:
    """Return the size of the memory in which ranks share their fields. Local.

    Parameters
    ----------
    team
        Threads of all ranks together.
    """
    dtype = np.dtype(parameters.dtype)
    if kernel.tiles:
        from hpcpy_diffusion.kernels.lanes.field import LaneField  # needs numba

        return LaneField.nbytes((parameters.points,) * 2, dtype, team)
    return 2 * prod(parameters.shape) * dtype.itemsize


@contextmanager
def make_pair(
    plan: Plan,
    kernel: Kernel,
    step: Step,
    parameters: Parameters,
    decomposition: Decomposition,
    cart: MPI.Cartcomm,
    memory: SharedMemory | None,
) -> Iterator[tuple[FieldPair, Exchange]]:
    """Yield the pair and its exchange; free them at the end. Local.

    Parameters
    ----------
    plan
        The same on every rank.
    kernel, step
        The kernel, and what it has loaded.
    parameters
        They give shape, dtype and mesh Fourier number.
    decomposition, cart
        With a boundary of width 1; the ranks in the same order.
    memory
        Of `shared_bytes`, zeroed, if the exchange is ``shared``.
    """
    rank = cart.rank
    with ExitStack() as resources:
        if memory is None:
            extent = find_extent(decomposition, rank, plan.depth)
            pair = _own(plan, kernel, step, parameters, extent)
        elif kernel.tiles:
            pair = _share_lanes(memory, plan, parameters, decomposition, cart)
        else:
            pair = _share_plain(memory, step, parameters, decomposition, rank)
        resources.callback(pair.close)
        exchange: Exchange
        if memory is not None:
            exchange = SharedExchange(memory)
        else:
            exchange = resources.enter_context(make_exchange(plan, cart, pair))
        yield pair, exchange


def _own(
    plan: Plan, kernel: Kernel, step: Step, parameters: Parameters, extent: Extent
) -> FieldPair:
    """Return a pair in memory of the rank's own."""
    if kernel.tiles:
        from hpcpy_diffusion.lane_pair import LanePair  # needs numba

        return LanePair(extent, parameters.dtype, parameters.fourier, threads=plan.threads)
    return PlainPair(extent, step, parameters.fourier, allocate(extent, parameters.dtype))


def _share_plain(
    memory: SharedMemory,
    step: Step,
    parameters: Parameters,
    decomposition: Decomposition,
    rank: int,
) -> FieldPair:
    """Return a pair that is a part of two whole fields, its neighbours' cells at its rims."""
    place = decomposition.padded(rank).within(Block(start=(0, 0), stop=parameters.shape))
    u, out = memory.array.view(parameters.dtype).reshape(2, *parameters.shape)
    extent = find_extent(decomposition, rank, 1)
    return PlainPair(extent, step, parameters.fourier, (u[place], out[place]))


def _share_lanes(
    memory: SharedMemory,
    plan: Plan,
    parameters: Parameters,
    decomposition: Decomposition,
    cart: MPI.Cartcomm,
) -> FieldPair:
    """Return a pair whose passes all ranks share."""
    from hpcpy_diffusion.kernels.lanes.field import LaneField  # needs numba
    from hpcpy_diffusion.shared_lanes import SharedLanes

    field = LaneField(
        (parameters.points,) * 2,
        np.dtype(parameters.dtype),
        parameters.fourier,
        threads=plan.threads,
        member=(cart.rank, cart.size),
        memory=memory.array,
    )
    extent = find_extent(decomposition, cart.rank, 0)
    return SharedLanes(extent, field, decomposition.interior(cart.rank).start[0] - 1)
