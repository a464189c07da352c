"""A file whose bytes are the same on every machine: the data representation external32.

``native`` writes the bytes of memory, ``external32`` those of the MPI standard: big-endian
IEEE numbers. NumPy reads them as ``>f8`` or ``>i8``. It costs a conversion of every item.

Only the datatype tells MPI what to convert. Two traps: MPI.BYTE is never converted; and
external32 gives a C long 4 bytes, while NumPy's int64 is sent as a long where nothing is
said. Of such an array Open MPI writes half, and MPICH 5.0 leaves the rest of the file
to chance. So name the type: MPI.INT64_T has 8 bytes everywhere.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["external32"]

ITEMS = 2


def external32(comm: MPI.Intracomm, device: Device) -> Result:
    """Write float64 and int64 items of each rank in MPI's own format. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks write: first all floats, behind them all integers.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where NumPy reads the items of all ranks as big-endian.
    """
    xp, transport = device.xp, device.transport
    u = xp.arange(ITEMS) / 4 + comm.rank
    numbers = xp.arange(ITEMS, dtype="int64") - 2 * comm.rank
    floats_end = comm.size * u.nbytes
    with scratch_file(comm) as path:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY)
        with agreed(comm), closing(file):
            with agreed(comm), transport.sendbuf(u) as sendbuf:
                file.Set_view(0, MPI.DOUBLE, datarep="external32")
                file.Write_at_all(comm.rank * ITEMS, [sendbuf, MPI.DOUBLE])
            with agreed(comm), transport.sendbuf(numbers) as sendbuf:
                file.Set_view(floats_end, MPI.INT64_T, datarep="external32")
                file.Write_at_all(comm.rank * ITEMS, [sendbuf, MPI.INT64_T])
        written = np.fromfile(path, dtype=">i8")
    floats, integers = written[: comm.size * ITEMS].view(">f8"), written[comm.size * ITEMS :]

    ranks = np.arange(comm.size)[:, np.newaxis]
    expected_floats = (np.arange(ITEMS) / 4 + ranks).reshape(-1)
    expected_integers = (np.arange(ITEMS) - 2 * ranks).reshape(-1)
    mine = floats[comm.rank * ITEMS : (comm.rank + 1) * ITEMS]
    return Result(
        lines=(f"wrote {u} as bytes {mine.tobytes().hex(' ', 8)}",),
        correct=(
            np.array_equal(floats, expected_floats) and np.array_equal(integers, expected_integers)
        ),
        expected=(
            f"expected {expected_floats.tolist()} and {expected_integers.tolist()}, "
            f"got {floats.tolist()} and {integers.tolist()}"
        ),
    )
