"""Turn what the system or MPI raises into an error that names the step, the cause and the cure."""

from collections.abc import Iterator
from contextlib import contextmanager

from hpcpy_core.errors import FileError

__all__ = ["failing"]


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
        raise FileError(f"cannot {step}: {cause}; {cure}") from error
