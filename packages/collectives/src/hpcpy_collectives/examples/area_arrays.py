"""Compute the area under 0.7 x^3 - 2 x^2 + 4 on [0, 3] with a reduction of arrays: Reduce.

Each rank integrates its own stretch. The areas travel as arrays of one item,
which `area_objects` sends as Python floats. The antiderivative gives 8.175.
"""

from mpi4py import MPI

from hpcpy_core.device import Array, Device
from hpcpy_core.examples import Result

__all__ = ["area_arrays"]

START, STOP, STRIPS = 0.0, 3.0, 1000
AREA = 8.175


def area_arrays(comm: MPI.Intracomm, device: Device) -> Result:
    """Add up the areas of all stretches on rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root; each rank has a stretch of the same length.
    device
        Where the arrays live and the curve is computed.

    Returns
    -------
    Result
        Correct on the root where the area is 8.175 to five places; the others
        only send.
    """
    xp, transport = device.xp, device.transport
    root = 0
    length = (STOP - START) / comm.size
    width = length / STRIPS
    x = START + comm.rank * length + (xp.arange(STRIPS) + 0.5) * width
    part = curve(x).sum(keepdims=True) * width
    area = xp.empty_like(part) if comm.rank == root else None
    with (
        transport.sendbuf(part, "reduction") as sendbuf,
        transport.recvbuf(area, "reduction") as recvbuf,
    ):
        comm.Reduce(sendbuf, recvbuf, op=MPI.SUM, root=root)
    if area is None:
        return Result(lines=(f"has {float(part[0]):.6f}",), correct=True)

    return Result(
        lines=(f"has {float(part[0]):.6f}", f"the area is {float(area[0]):.6f}"),
        correct=bool(abs(float(area[0]) - AREA) < 1e-5),
        expected=f"expected {AREA}, got {area[0]}",
    )


def curve(x: Array) -> Array:
    """Return the height of the curve at every point. Local."""
    height: Array = 0.7 * x**3 - 2 * x**2 + 4
    return height
