from contextlib import ExitStack

import numpy as np
import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.topology import create_cart
from hpcpy_diffusion.exchange_sendrecv import SendrecvExchange
from hpcpy_diffusion.find_extent import find_extent
from hpcpy_diffusion.halo import HaloExchange
from hpcpy_diffusion.kernels.numpy_slices import step
from hpcpy_diffusion.lane_pair import LanePair
from hpcpy_diffusion.plain_pair import PlainPair, allocate
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SHAPES = {1: [(12, 9), (301, 7), (4, 4), (3, 30)], 3: [(14, 17), (50, 14)]}
"""By depth: every block must have so many rows and columns to send."""


def grids(size):
    """Return all dims of two axes that make `size` ranks."""
    return [(p, size // p) for p in range(1, size + 1) if size % p == 0]


def wanted(decomposition, rank, depth):
    """Return where in its padded block a rank must have its neighbours' values."""
    padded, interior = decomposition.padded(rank, depth), decomposition.interior(rank)
    there = np.full(padded.shape, depth > 1 and interior.size > 0)
    if interior.size:  # a halo of depth 1 needs no corners
        rows, columns = interior.within(padded)
        there[:, columns] = True
        there[rows, :] = True
    return there


def cut(whole, block):
    return whole[tuple(slice(a, b) for a, b in zip(block.start, block.stop, strict=True))]


@pytest.mark.parametrize("kind", ["sendrecv", "persistent"])
@pytest.mark.parametrize("pairs", ["plain", "lanes"])
@pytest.mark.parametrize("depth", SHAPES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_halo_holds_the_neighbours_values(comm, dtype, depth, pairs, kind):
    for shape in SHAPES[depth]:
        whole = 1 + np.arange(np.prod(shape), dtype=dtype).reshape(shape)
        whole[[0, -1]] = whole[:, [0, -1]] = 0
        for dims in grids(comm.size):
            decomposition = Decomposition(shape=shape, dims=dims, boundary=1)
            cart = create_cart(comm, dims)
            extent = find_extent(decomposition, comm.rank, depth)
            if pairs == "plain":
                pair = PlainPair(extent, step, 0.2, allocate(extent, dtype))
            else:
                pair = LanePair(extent, dtype, 0.2)
            padded, interior = (
                decomposition.padded(comm.rank, depth),
                decomposition.interior(comm.rank),
            )
            pair.start()[interior.within(padded)] = cut(whole, interior)
            pair.begin()
            there, expected = wanted(decomposition, comm.rank, depth), cut(whole, padded)
            with ExitStack() as resources:
                if kind == "sendrecv":
                    exchange = SendrecvExchange(cart, pair)
                else:
                    exchange = HaloExchange(cart, pair, corners=depth > 1)
                    resources.enter_context(exchange)
                for _ in range(2):
                    exchange.start()
                    exchange.finish()
                    u = pair.show()
                    right = np.array_equal(u[there], expected[there])
                    parallel_assert(comm, right, f"dims {dims}:\n{u}\ninstead of\n{expected}")
            pair.close()
            cart.Free()


def test_the_field_of_the_other_parity_is_exchanged_after_an_odd_number_of_steps(comm):
    """The layers of both fields have requests of their own."""
    cart = create_cart(comm, (comm.size, 1))
    decomposition = Decomposition(shape=(4 * comm.size + 2, 6), dims=(comm.size, 1), boundary=1)
    extent = find_extent(decomposition, comm.rank, 1)

    def number(u, out, r):
        out[1:-1, 1:-1] = u[1:-1, 1:-1] + 10

    pair = PlainPair(extent, number, 0.2, allocate(extent, "float64"))
    pair.start()[1:-1, 1:-1] = comm.rank
    with HaloExchange(cart, pair, corners=False) as exchange:
        for steps in range(1, 4):
            exchange.start()
            exchange.finish()
            pair.advance(1)
            exchange.start()
            exchange.finish()
            u = pair.show()
            north = u[0, 1:-1] == (comm.rank - 1 + 10 * steps if comm.rank else 0)
            last = comm.rank == comm.size - 1
            south = u[-1, 1:-1] == (0 if last else comm.rank + 1 + 10 * steps)
            parallel_assert(comm, north.all() and south.all(), f"halo {u[0]} and {u[-1]}")
    pair.close()
    cart.Free()


def test_inner_items_may_change_between_start_and_finish(comm):
    cart = create_cart(comm, (comm.size, 1))
    decomposition = Decomposition(shape=(4 * comm.size + 2, 6), dims=(comm.size, 1), boundary=1)
    extent = find_extent(decomposition, comm.rank, 1)
    pair = PlainPair(extent, step, 0.2, allocate(extent, "float64"))
    u = pair.start()
    u[...] = comm.rank
    with HaloExchange(cart, pair, corners=False) as halo:
        halo.start()
        u[2:-2, 2:-2] = -1.0
        halo.finish()
    north = u[0, 1:-1] == max(comm.rank - 1, 0)
    south = u[-1, 1:-1] == min(comm.rank + 1, comm.size - 1)
    parallel_assert(comm, north.all() and south.all(), f"halo {u[0]} and {u[-1]}")
    pair.close()
    cart.Free()
