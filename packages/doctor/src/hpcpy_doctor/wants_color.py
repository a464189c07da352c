"""Whether the report is to be coloured."""

import os
import sys
from pathlib import Path

from hpcpy_core.launch import read_announcement
from hpcpy_doctor.command import Color
from hpcpy_doctor.find_launch import list_launchers
from hpcpy_doctor.process import PROC

__all__ = ["wants_color"]

TERMINALS = ("/dev/pts/", "/dev/tty")


def wants_color(wanted: Color, proc: Path = PROC) -> bool:
    """Tell whether what is printed is seen on a terminal, unless the user wants it so. Local."""
    if wanted != "auto":
        return wanted == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if read_announcement() is None:
        return sys.stdout.isatty()
    # Open MPI gives its ranks a terminal of their own, Hydra a pipe: the launcher's counts.
    files = [proc / str(pid) / "fd/1" for pid, _ in list_launchers(proc)][-1:]
    try:
        return any(str(link).startswith(TERMINALS) for link in map(Path.readlink, files))
    except OSError:
        return False
