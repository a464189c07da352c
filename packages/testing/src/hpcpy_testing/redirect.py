"""Send all output of this process to a file, below Python's streams."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path

__all__ = ["redirect_output"]


def redirect_output(path: Path) -> None:
    """Append stdout and stderr, of Python and of C, to a file from now on. Local."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        stream.flush()
        os.dup2(descriptor, number)
        # Each line at once, so that the log of a rank that is killed is complete.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(line_buffering=True)
    os.close(descriptor)
