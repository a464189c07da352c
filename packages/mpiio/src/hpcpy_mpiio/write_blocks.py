"""Write the blocks of all ranks into one file."""

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.hints import hints_in_force
from hpcpy_mpiio.message import Message
from hpcpy_mpiio.open_together import close_quietly, open_together
from hpcpy_mpiio.replacement import CURE, Replacement
from hpcpy_mpiio.view import View

__all__ = ["write_blocks"]


def write_blocks(
    replacement: Replacement, message: Message, view: View, info: MPI.Info, comm: MPI.Intracomm
) -> dict[str, str]:
    """Write every rank's message where its view is, in one collective call. Collective over comm.

    Parameters
    ----------
    replacement
        The temporary is there, and has its header.
    message
        This rank's block.
    view
        Its place in the file.
    info
        Hints.
    comm
        All of its ranks must call.

    Returns
    -------
    dict
        The hints in force.

    Raises
    ------
    FileError
        The same on every rank, if a step failed on any.
    """
    file = open_together(str(replacement.temporary), MPI.MODE_WRONLY, info, comm)
    try:
        with agreed(comm), failing(f"set the file view of {replacement.temporary}", CURE):
            view.set(file, info)
            in_force = hints_in_force(file)
    except Exception:
        close_quietly(file)
        raise
    with agreed(comm), failing(f"write {replacement.target}", CURE):
        try:
            _write_block(file, message)
        finally:
            file.Close()  # by every rank, also by one that could not write
    return in_force


def _write_block(file: MPI.File, message: Message) -> None:
    """Write this rank's block. Collective over the file's ranks; may fail on some only."""
    status = MPI.Status()
    file.Write_all(message, status)
    # Get_count is wrong for large datatypes in Open MPI.
    written, wanted = status.Get_elements(MPI.BYTE), message[0].nbytes
    if written != wanted:
        raise OSError(f"{written} of {wanted} bytes were written")
