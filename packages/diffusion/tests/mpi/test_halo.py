import numpy as np
import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.topology import create_cart
from hpcpy_diffusion.halo import HaloExchange
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def grids(size):
    """Return all dims of two axes that make `size` ranks."""
    return [(p, size // p) for p in range(1, size + 1) if size % p == 0]


def cross(decomposition, rank):
    """Return where in its padded block a rank must have its neighbours' values: no corners."""
    padded, interior = decomposition.padded(rank), decomposition.interior(rank)
    wanted = np.zeros(padded.shape, dtype=bool)
    rows, columns = interior.within(padded)
    wanted[:, columns] = True
    wanted[rows, :] = True
    return wanted


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", [(12, 9), (301, 7), (4, 4), (3, 30)])
def test_the_halo_holds_the_neighbours_values(comm, shape, dtype):
    whole = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
    whole[0] = whole[-1] = 0
    whole[:, 0] = whole[:, -1] = 0
    for dims in grids(comm.size):
        cart = create_cart(comm, dims)
        decomposition = Decomposition(shape=shape, dims=dims, boundary=1)
        padded, interior = decomposition.padded(comm.rank), decomposition.interior(comm.rank)
        u = np.zeros(padded.shape, dtype=dtype)
        u[interior.within(padded)] = whole[
            tuple(slice(a, b) for a, b in zip(interior.start, interior.stop, strict=True))
        ]
        with HaloExchange(cart, decomposition, u) as halo:
            for _ in range(2):
                halo.start()
                halo.finish()
        expected = whole[tuple(slice(a, b) for a, b in zip(padded.start, padded.stop, strict=True))]
        wanted = cross(decomposition, comm.rank) if interior.size else np.zeros_like(u, dtype=bool)
        right = np.array_equal(u[wanted], expected[wanted])
        parallel_assert(comm, right, f"dims {dims}:\n{u}\ninstead of\n{expected}")
        cart.Free()


def test_inner_items_may_change_between_start_and_finish(comm):
    cart = create_cart(comm, (comm.size, 1))
    decomposition = Decomposition(shape=(4 * comm.size + 2, 6), dims=(comm.size, 1), boundary=1)
    u = np.full(decomposition.padded(comm.rank).shape, float(comm.rank))
    with HaloExchange(cart, decomposition, u) as halo:
        halo.start()
        u[2:-2, 2:-2] = -1.0
        halo.finish()
    north = u[0, 1:-1] == max(comm.rank - 1, 0)
    south = u[-1, 1:-1] == min(comm.rank + 1, comm.size - 1)
    parallel_assert(comm, north.all() and south.all(), f"halo {u[0]} and {u[-1]}")
    cart.Free()
