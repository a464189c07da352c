"""Send records of several fields in one message: Create_struct.

The datatype names length, offset and type of each field. Its extent is set to
the size of a record, padding included, so that a count of them fits an array.
mpi4py.util.dtlib.from_numpy_dtype builds the same from the dtype.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_core.device import Array, Device
from hpcpy_core.examples import Result

__all__ = ["struct_datatype"]

OFFSETS = [0, 8]  # as a C compiler puts them: doubles begin at multiples of 8 bytes
PARTICLE = np.dtype(
    {"names": ["charge", "position"], "formats": ["int32", "(3,)float64"], "offsets": OFFSETS}
)


def struct_datatype(comm: MPI.Intracomm, device: Device) -> Result:
    """Send two particles to the right neighbour. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks form a ring; a single rank is its own neighbour.
    device
        Not used: only NumPy has arrays of records.

    Returns
    -------
    Result
        Correct where the particles are the left neighbour's.
    """
    left = (comm.rank - 1) % comm.size
    right = (comm.rank + 1) % comm.size
    sendbuf = make_particles(comm.rank)
    recvbuf = np.empty_like(sendbuf)

    fields = MPI.Datatype.Create_struct([1, 3], OFFSETS, [MPI.INT32_T, MPI.DOUBLE])
    with committed(fields.Create_resized(0, PARTICLE.itemsize)) as particle:
        comm.Sendrecv([sendbuf, particle], right, recvbuf=[recvbuf, particle], source=left)
    fields.Free()

    expected = make_particles(left)
    charges, position = recvbuf["charge"], recvbuf["position"][0]
    return Result(
        lines=(f"received the charges {charges}, the first from {position}",),
        correct=np.array_equal(recvbuf, expected),
        expected=f"expected {expected.tolist()}, got {recvbuf.tolist()}",
    )


def make_particles(rank: int) -> Array:
    """Return a rank's two particles. Local."""
    particles = np.empty(2, dtype=PARTICLE)
    particles["charge"] = [rank + 1, -rank - 1]
    particles["position"] = rank + np.arange(6).reshape(2, 3) / 10
    return particles
