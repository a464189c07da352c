"""Turn what the system or MPI raises into an error that names the step, the cause and the cure."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from hpcpy_core.errors import FileError

__all__ = ["failing", "is_settled"]

SETTLED = (None, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EINVAL, errno.EFBIG)


@contextmanager
def failing(step: str, cure: str) -> Iterator[None]:
    """Turn what the system or MPI raises in one step into a `FileError`. Local.

    Parameters
    ----------
    step
        What is being done, with the file's name: "write /scratch/u.npy".
    cure
        What mends it, as an imperative.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:  # MPI.Exception is a RuntimeError
        cause = " ".join(str(error).split())
        failure = FileError(f"cannot {step}: {cause}; {cure}")
        failure.for_now = not is_settled(error)
        raise failure from error


def is_settled(error: Exception) -> bool:
    """Say whether an error tells what a file is, not that it could not be read for now. Local."""
    if isinstance(error, FileError):
        return not error.for_now
    return isinstance(error, OSError) and error.errno in SETTLED
