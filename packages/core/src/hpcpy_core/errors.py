"""The errors that end a command with one message instead of a traceback."""

from hpcpy_core.masking import mask_text

__all__ = ["FileError", "HpcpyError", "InputError", "LaunchError"]


class HpcpyError(Exception):
    """An expected failure: its message names the cause and what mends it.

    Attributes
    ----------
    exit_code
        What the command returns to the shell.
    agreed
        True once every rank of the communicator has raised this same error
        (see `hpcpy_core.agreement`), so that all may leave together.
    """

    exit_code = 1
    agreed = False

    def __str__(self) -> str:
        """Return the message, which may quote a command line, without credentials. Local."""
        return mask_text(super().__str__())


class InputError(HpcpyError, ValueError):
    """What the user gave cannot work: found before any work starts."""

    exit_code = 2


class FileError(HpcpyError, OSError):
    """A file could not be read or written as asked.

    Attributes
    ----------
    for_now
        True where the file may be right: the system did not let us read it (rights, a
        mount, a disk that fails), which may be mended.
    """

    for_now = False


class LaunchError(HpcpyError, RuntimeError):
    """The processes that the launcher started are not one MPI job."""

    exit_code = 2
