"""Does MPI_Comm_spawn work here? Tried in an expendable job. Starts no MPI in this process."""

import sys

from hpcpy_core.errors import HpcpyError
from hpcpy_core.expendable import run_expendable

__all__ = ["try_spawn"]

LONGEST = 200
"""Letters of an expendable job's last words."""


def try_spawn(workers: int, seconds: float) -> str | None:
    """Return why spawning this many workers failed just now, or None if it worked. Local.

    Parameters
    ----------
    workers
        How many.
    seconds
        After which the trial is ended and counts as failed.
    """
    argv = [sys.executable, "-P", "-m", "hpcpy_spawn_pi.trial", str(workers)]
    try:
        said = run_expendable(1, argv, seconds)
    except HpcpyError as error:
        words = " ".join(str(error).split())
        return f"a trial failed: {words[-LONGEST:]}"
    if f"spawned {workers}" not in said:
        return f"a trial did not start {workers} workers: it said {said.strip()[-LONGEST:]!r}"
    return None
