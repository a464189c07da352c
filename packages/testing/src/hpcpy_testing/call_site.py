"""The piece of source that a frame is executing: for a rank that hangs, its MPI call."""

import linecache
from itertools import islice
from types import FrameType

__all__ = ["call_in"]

LONGEST = 200


def call_in(frame: FrameType) -> str:
    """Return the source of the expression that a frame is in, on one line. Local.

    mpi4py's methods have no Python frame of their own, so the innermost frame of
    a rank that waits in one is its caller, and this expression is the call.
    """
    positions = islice(frame.f_code.co_positions(), frame.f_lasti // 2, None)
    first, last, start, end = next(positions, (None, None, None, None))
    if first is None or last is None or start is None or end is None:
        return _line(frame, frame.f_lineno).strip()
    lines = [_line(frame, number).encode() for number in range(first, last + 1)]
    if not all(lines):
        return ""
    # Columns count bytes. The end is cut first: it may be on the first line.
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    segment = " ".join(b"".join(lines).decode(errors="replace").split())
    return segment if len(segment) <= LONGEST else f"{segment[: LONGEST - 3]}..."


def _line(frame: FrameType, number: int) -> str:
    return linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
