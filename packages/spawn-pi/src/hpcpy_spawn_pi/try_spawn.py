"""Does MPI_Comm_spawn work here? Tried in an expendable job. Starts no MPI in this process."""

import os
import sys
from time import monotonic

from hpcpy_core.errors import HpcpyError
from hpcpy_core.expendable import run_expendable, scrub
from hpcpy_core.tools import run_tool
from hpcpy_spawn_pi.attempt import find_reason

__all__ = ["try_spawn"]

LONGEST = 200
"""Letters of what an expendable job said."""


def try_spawn(workers: int, seconds: float, *, launcher: bool = True) -> str | None:
    """Return why spawning this many workers failed just now, or None if it worked. Local.

    Parameters
    ----------
    workers
        How many.
    seconds
        After which the trial is ended and counts as failed.
    launcher
        Whether an mpiexec starts the trial, as it started this process.
    """
    argv = [sys.executable, "-P", "-m", "hpcpy_spawn_pi.trial", str(workers)]
    began = monotonic()
    try:
        if launcher:
            said = run_expendable(1, argv, seconds)
        else:
            said = run_tool(argv, seconds, environ=scrub(os.environ))
    except HpcpyError as error:
        if monotonic() - began >= seconds:
            return f"a trial did not end within {seconds:g} s, and was ended"
        return f"a trial failed: {find_reason(str(error))[:LONGEST]}"
    if f"spawned {workers}" not in said:
        return f"a trial did not start {workers} workers: it said {said.strip()[-LONGEST:]!r}"
    return None
