"""Four layouts times three kinds of calls: all twelve cells of the teaching matrix.

The two questions are independent of each other. The layout says which bytes of the file
are this rank's, and only Set_view knows it. The kind of call says who waits for whom:

    independent     Write_at        no rank waits for another
    collective      Write_at_all    all ranks call together, and MPI joins their pieces
    nonblocking     Iwrite_at_all   the same, and the call returns at once

Every rank owns 16 items of the same 2-D array. So any cell turns into any other by
changing one line.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.datatypes import committed
from hpcpy_core.device import Array, Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["KINDS", "LAYOUTS", "SIDE", "find_owners", "teaching_matrix"]

SIDE = 4
"""Rows and columns of the array by the ranks' grid: each rank owns SIDE x SIDE items."""

View = tuple[int, MPI.Datatype]
"""Displacement in items, and filetype, not committed yet."""


def contiguous(etype: MPI.Datatype, rank: int, dims: list[int]) -> View:
    """Give each rank one piece. Local."""
    return rank * SIDE**2, etype.Create_contiguous(SIDE**2)


def vector(etype: MPI.Datatype, rank: int, dims: list[int]) -> View:
    """Give each rank two items in turn. Local."""
    return 2 * rank, etype.Create_vector(SIDE**2 // 2, 2, 2 * dims[0] * dims[1])


def subarray(etype: MPI.Datatype, rank: int, dims: list[int]) -> View:
    """Give each rank one block of the array. Local."""
    row, column = divmod(rank, dims[1])
    shape = [SIDE * ranks for ranks in dims]
    return 0, etype.Create_subarray(shape, [SIDE, SIDE], [SIDE * row, SIDE * column])


def darray(etype: MPI.Datatype, rank: int, dims: list[int]) -> View:
    """Deal out tiles of 2 x 2 items in turn along both axes. Local."""
    shape = [SIDE * ranks for ranks in dims]
    cyclic = [MPI.DISTRIBUTE_CYCLIC] * 2
    return 0, etype.Create_darray(dims[0] * dims[1], rank, shape, cyclic, [2, 2], dims)


LAYOUTS: dict[str, Callable[[MPI.Datatype, int, list[int]], View]] = {
    layout.__name__: layout for layout in (contiguous, vector, subarray, darray)
}


def independent(file: MPI.File, sendbuf: Array) -> None:
    """Write without waiting for the other ranks. Local."""
    file.Write_at(0, sendbuf)


def collective(file: MPI.File, sendbuf: Array) -> None:
    """Write together. Collective over the file's ranks."""
    file.Write_at_all(0, sendbuf)


def nonblocking(file: MPI.File, sendbuf: Array) -> None:
    """Start to write together, and wait. Collective over the file's ranks."""
    request = file.Iwrite_at_all(0, sendbuf)
    # Here is the place for work that does not change sendbuf.
    request.Wait()


KINDS: dict[str, Callable[[MPI.File, Array], None]] = {
    kind.__name__: kind for kind in (independent, collective, nonblocking)
}


def find_owners(layout: str, dims: list[int]) -> npt.NDArray[np.intp]:
    """Return which rank owns each item of the array, by a formula instead of MPI. Local."""
    row, column = np.indices([SIDE * ranks for ranks in dims])
    down, across = dims
    index = row * SIDE * across + column
    owners: dict[str, npt.NDArray[np.intp]] = {
        "contiguous": index // SIDE**2,
        "vector": index // 2 % (down * across),
        "subarray": row // SIDE * across + column // SIDE,
        "darray": row // 2 % down * across + column // 2 % across,
    }
    return owners[layout]


def teaching_matrix(comm: MPI.Intracomm, device: Device) -> Result:
    """Write and check a file for each of the twelve cells. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks form a grid; each owns 16 items.
    device
        Where the array lives.

    Returns
    -------
    Result
        Correct where NumPy finds in all twelve files every item where it belongs.
    """
    xp, dims = device.xp, MPI.Compute_dims(comm.size, 2)
    u = xp.arange(SIDE**2, dtype="float64") + 100 * comm.rank
    wrong = []
    with scratch_file(comm) as path:
        for layout, make_view in LAYOUTS.items():
            owners = find_owners(layout, dims)
            expected = 100.0 * owners
            for rank in range(comm.size):
                expected[owners == rank] += np.arange(SIDE**2)
            displacement, filetype = make_view(MPI.DOUBLE, comm.rank, dims)
            with committed(filetype):
                for kind, write in KINDS.items():
                    name = f"{path}.{layout}.{kind}"
                    with agreed(comm):
                        file = MPI.File.Open(comm, name, MPI.MODE_CREATE | MPI.MODE_WRONLY)
                    with agreed(comm), closing(file), device.transport.sendbuf(u) as sendbuf:
                        file.Set_view(displacement * u.itemsize, MPI.DOUBLE, filetype)
                        write(file, sendbuf)
                    written = np.fromfile(name)
                    if not np.array_equal(written, expected.reshape(-1)):
                        wrong.append(f"{written.tolist()} by {layout}, {kind}")
    cells = [f"{layout}: {', '.join(KINDS)}" for layout in LAYOUTS]
    return Result(
        lines=tuple(cells) if comm.rank == 0 else (),
        correct=not wrong,
        expected=f"expected each item where its owner is, got {'; '.join(wrong)}",
    )
