import socket

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_core.topology import count_nodes, create_cart, neighbours
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_dims_are_balanced_and_coords_agree_with_the_decomposition(comm, ndim):
    cart = create_cart(comm, ndim=ndim)
    decomposition = Decomposition(shape=(10,) * ndim, dims=tuple(cart.dims))
    parallel_assert(comm, list(cart.dims) == MPI.Compute_dims(comm.size, ndim), "dims")
    parallel_assert(comm, cart.rank == comm.rank, "ranks were reordered")
    parallel_assert(comm, decomposition.coords(comm.rank) == tuple(cart.coords), "coords")
    cart.Free()


def test_neighbours_end_at_the_edge(comm):
    cart = create_cart(comm, (1, comm.size))
    rows, columns = neighbours(cart)
    west = comm.rank - 1 if comm.rank > 0 else MPI.PROC_NULL
    east = comm.rank + 1 if comm.rank < comm.size - 1 else MPI.PROC_NULL
    parallel_assert(comm, rows == (MPI.PROC_NULL, MPI.PROC_NULL), f"rows {rows}")
    parallel_assert(comm, columns == (west, east), f"columns {columns}")
    cart.Free()


@pytest.mark.parametrize("extra", [1, 2])
def test_dims_that_do_not_fit_are_refused_with_some_that_do(comm, extra):
    with parallel_raises(comm, InputError, match=f"but the job has {comm.size}: .*for example"):
        create_cart(comm, (comm.size, 1 + extra))


def test_ranks_on_one_machine_are_one_node(comm):
    hosts = len(set(comm.allgather(socket.gethostname())))
    parallel_assert(comm, count_nodes(comm) == hosts, "nodes")


def test_dims_of_numpy_are_taken_and_the_same_on_all_ranks(comm):
    for dims in (np.array([comm.size, 1]), [np.int64(comm.size), 1]):
        cart = create_cart(comm, dims)
        parallel_assert(comm, cart.dims == [comm.size, 1], f"has dims {cart.dims}")
        cart.Free()


def test_dims_that_differ_between_ranks_are_refused_on_all(comm):
    if comm.size == 1:
        return
    dims = (comm.size, 1) if comm.rank else (1, comm.size)
    with parallel_raises(comm, InputError, match="dims differs between the ranks: rank 1"):
        create_cart(comm, dims)
