"""What the ranks of a proof say on standard output, and how it is read. Starts no MPI.

Every rank says, a line of JSON for each: that it has started, what it is about to try,
and how that went. What it does not come to say is what went wrong.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

__all__ = ["MARK", "read_markers", "say"]

MARK = "hpcpy-probe "


def say(rank: int, **said: object) -> None:
    """Write one marker, as a whole, since other ranks write too. Local."""
    line = f"{MARK}{json.dumps({'rank': rank, **said})}\n"
    sys.stdout.flush()
    os.write(sys.stdout.fileno(), line.encode())


def read_markers(output: str) -> Iterator[dict[str, Any]]:
    """Yield the markers of a job's output; other words, and what is cut off, are left out. Local.

    A launcher may put the rank before each line.
    """
    for line in output.splitlines():
        _, found, marker = line.partition(MARK)
        if not found:
            continue
        try:
            said = json.loads(marker)
        except ValueError:
            continue
        if isinstance(said, dict) and "rank" in said:
            yield said
