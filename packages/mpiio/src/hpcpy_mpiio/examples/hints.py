"""Hints tell MPI how to work, never what to write: Info, Get_info.

A hint is a pair of strings, given when a file is opened or its view is set. MPI takes
those that it knows and says nothing of the others, and the file's bytes are the same
with any. Get_info shows what came into force. Print it with every timing.

Known ones: ``cb_nodes`` (how many ranks gather the pieces of the others and write),
``cb_buffer_size`` (bytes that each of them gathers), ``striping_factor`` (disks of a
parallel file system, for new files only). ``collective_buffering=false`` matters to Open
MPI 5.0: without it a collective write on three or more ranks can meet a full disk and
say nothing. MPICH does not know it; it has ``romio_cb_write=disable``.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["hints"]

ITEMS = 4
WISHES = {
    "cb_buffer_size": str(1 << 20),
    "collective_buffering": "false",
    "romio_cb_write": "disable",
    "no_such_hint": "1",
}


def hints(comm: MPI.Intracomm, device: Device) -> Result:
    """Write with hints, and ask which of them came into force. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks give the same hints.
    device
        Where the array lives.

    Returns
    -------
    Result
        Correct where NumPy reads what all ranks had, whatever MPI made of the hints.
    """
    xp, transport = device.xp, device.transport
    u = xp.arange(ITEMS) * (comm.rank + 1)
    info = MPI.Info.Create(WISHES)
    with scratch_file(comm) as path:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY, info)
        info.Free()
        with agreed(comm), closing(file), transport.sendbuf(u) as sendbuf:
            file.Write_at_all(comm.rank * u.nbytes, sendbuf)
            used = file.Get_info()
            in_force = dict(used.items())
            used.Free()
        written = np.fromfile(path, dtype=u.dtype)

    expected = np.concatenate([np.arange(ITEMS) * (rank + 1) for rank in range(comm.size)])
    lines = []
    if comm.rank == 0:
        for key, wish in WISHES.items():
            lines.append(f"{key}: wished {wish}, in force {in_force.pop(key, 'unknown')}")
        lines.extend(f"{key}: in force {value or 'empty'}" for key, value in in_force.items())
    return Result(
        lines=tuple(lines),
        correct=np.array_equal(written, expected),
        expected=f"expected {expected.tolist()}, got {written.tolist()}",
    )
