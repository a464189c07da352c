"""Cartesian communicators: dims, neighbours, nodes."""

from collections.abc import Sequence
from math import prod

from mpi4py import MPI

from hpcpy_core.agreement import agreed, raise_on_all, same_on_all
from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integer, as_integers

__all__ = ["count_nodes", "create_cart", "neighbours"]


def create_cart(
    comm: MPI.Intracomm, dims: Sequence[int] | None = None, ndim: int = 2
) -> MPI.Cartcomm:
    """Arrange the ranks in a grid that does not wrap around. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks become part of the grid, in the same order, so that
        `Decomposition.coords` and MPI agree.
    dims
        Ranks along every axis; None leaves the choice to MPI_Dims_create.
    ndim
        Number of axes where `dims` is None.

    Returns
    -------
    MPI.Cartcomm
        The caller frees it.

    Raises
    ------
    InputError
        On every rank, if `dims` do not multiply to the number of ranks, or differ between ranks.
    """
    with agreed(comm):
        wanted_dims = None if dims is None else as_integers(dims, "dims")
        ndim = as_integer(ndim, "ndim") if wanted_dims is None else len(wanted_dims)
        if ndim < 1:
            raise InputError(f"{ndim} axes: choose 1 or more")
    same_on_all(comm, {"dims": wanted_dims, "ndim": ndim})
    balanced = MPI.Compute_dims(comm.size, ndim)
    dims = tuple(balanced) if wanted_dims is None else wanted_dims
    if prod(dims) != comm.size or min(dims) < 1:
        wanted, example = ("x".join(map(str, numbers)) for numbers in (dims, balanced))
        error = InputError(
            f"dims {wanted} make {prod(dims)} ranks, but the job has {comm.size}: "
            f"give dims that multiply to {comm.size}, for example {example}"
        )
        raise_on_all(comm, error)
    return comm.Create_cart(list(dims), periods=[False] * len(dims), reorder=False)


def neighbours(cart: MPI.Cartcomm) -> list[tuple[int, int]]:
    """Return the ranks before and after this one along every axis. Local.

    MPI.PROC_NULL stands where the grid ends.
    """
    return [cart.Shift(axis, 1) for axis in range(cart.ndim)]


def count_nodes(comm: MPI.Intracomm) -> int:
    """Return how many groups of ranks share memory. Collective over comm."""
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    nodes: int = comm.allreduce(int(node.rank == 0))
    node.Free()
    return nodes
