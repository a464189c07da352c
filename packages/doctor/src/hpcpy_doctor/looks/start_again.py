"""The command that starts this program as it should be started."""

from hpcpy_core.launch import mend_launch

__all__ = ["start_again"]


def start_again(library: str | None, launcher: str | None, size: int) -> str:
    """Return this process's command line with the launcher of its own library. Local.

    Parameters
    ----------
    library
        The text of MPI_Get_library_version; None for an unknown one.
    launcher
        What started it, as the launch check calls it: srun stays, with the right plugin.
    size
        How many processes.
    """
    return mend_launch(library or "", launcher or "", size)
