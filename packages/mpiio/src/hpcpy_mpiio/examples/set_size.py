"""Write over a longer file, and cut off what is left of it: Set_size.

MODE_CREATE makes a file that is not there, and leaves alone one that is: unlike Python's
``open(path, "wb")`` it cuts nothing off. What was behind the new items stays, and a
reader who takes the length from the file reads old items. Set_size cuts, or makes longer.

MODE_EXCL is an error where the file exists. That protects an old file best, together
with a rename once the new one is whole: so does `hpcpy_mpiio.save`.
"""

from pathlib import Path

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["set_size"]

ITEMS = 3


def set_size(comm: MPI.Intracomm, device: Device) -> Result:
    """Overwrite a file of twice the length, with and without its tail. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 makes the long file; all ranks write the shorter one over it.
    device
        Where the array lives.

    Returns
    -------
    Result
        Correct where NumPy finds the tail of the old file at first, and then only
        what all ranks wrote.
    """
    xp, transport = device.xp, device.transport
    u = xp.full(ITEMS, 1 + comm.rank)
    total = comm.size * ITEMS
    with scratch_file(comm) as path:
        with on_root(comm) as is_root:
            if is_root:
                np.full(2 * total, -1, dtype=u.dtype).tofile(path)
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_RDWR)
        with agreed(comm), closing(file):
            with agreed(comm), transport.sendbuf(u) as sendbuf:
                file.Write_at_all(comm.rank * u.nbytes, sendbuf)
            with agreed(comm):
                file.Sync()
            uncut = np.fromfile(path, dtype=u.dtype)
            with agreed(comm):  # no rank cuts before all have read
                sizes = [file.Get_size()]
            file.Set_size(total * u.itemsize)
            sizes.append(file.Get_size())
        written = np.fromfile(path, dtype=u.dtype)
        sizes.append(Path(path).stat().st_size)

    expected = np.repeat(1 + np.arange(comm.size), ITEMS)
    expected_sizes = [2 * total * u.itemsize, total * u.itemsize, total * u.itemsize]
    tail = np.full(total, -1)
    lines = [f"wrote {u}"]
    if comm.rank == 0:
        lines.append(f"{sizes[0]} bytes in the file: {uncut}")
        lines.append(f"{sizes[1]} bytes after Set_size: {written}")
    return Result(
        lines=tuple(lines),
        correct=(
            np.array_equal(written, expected)
            and np.array_equal(uncut, np.concatenate([expected, tail]))
            and sizes == expected_sizes
        ),
        expected=(
            f"expected {expected.tolist()} and sizes {expected_sizes}, "
            f"got {written.tolist()} and {sizes}"
        ),
    )
