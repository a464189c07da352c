"""Gather the tiles of a matrix straight into their places: Create_subarray.

A tile is not contiguous in the matrix. The root receives each with a datatype
that describes where it belongs, and no rank copies or rearranges anything.
"""

from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["subarray_datatype"]


def subarray_datatype(comm: MPI.Intracomm, device: Device) -> Result:
    """Put one tile of every rank into a matrix on rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root; the tiles lie as the ranks in a grid, row by row.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct on the root where every tile is in its place; the others only send.
    """
    xp, transport = device.xp, device.transport
    root, tile = 0, (2, 3)
    down, across = MPI.Compute_dims(comm.size, 2)
    shape = (down * tile[0], across * tile[1])
    matrix = xp.empty(shape if comm.rank == root else 0, dtype="float64")

    with transport.sendbuf(xp.full(tile, comm.rank, dtype="float64"), "datatype") as sendbuf:
        sending = comm.Isend(sendbuf, dest=root)
        if comm.rank == root:
            for rank in range(comm.size):
                row, column = divmod(rank, across)
                start = (row * tile[0], column * tile[1])
                with (
                    committed(MPI.DOUBLE.Create_subarray(shape, tile, start)) as place,
                    transport.buffer(matrix, "datatype") as recvbuf,
                ):
                    comm.Recv([recvbuf, 1, place], source=rank)
        sending.Wait()
    if comm.rank != root:
        return Result(lines=(f"sent a tile of {tile[0]} x {tile[1]}",), correct=True)

    ranks = xp.arange(comm.size, dtype="float64").reshape(down, across)
    expected = xp.repeat(xp.repeat(ranks, tile[0], axis=0), tile[1], axis=1)
    return Result(
        lines=tuple(str(row) for row in matrix),
        correct=bool(xp.array_equal(matrix, expected)),
        expected=f"expected {expected.tolist()}, got {matrix.tolist()}",
    )
