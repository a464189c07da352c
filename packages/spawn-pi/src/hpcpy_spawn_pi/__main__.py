"""``python -m hpcpy_spawn_pi`` and the ``hpcpy-spawn-pi`` command."""

import os
import sys
from collections.abc import Sequence

from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi
from hpcpy_core.run_alone import run_alone
from hpcpy_spawn_pi.command import ALONE, spawn_pi

__all__ = ["main"]

ABORT_DELAY = {"OMPI_MCA_mpi_abort_delay": "2"}
"""Open MPI ends a parent whose worker died within milliseconds, with "Socket closed": these
seconds let the guard say who it was."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments and arguments[0] in {command.name for command in ALONE}:
        return run_alone(spawn_pi, arguments)
    for name, value in ABORT_DELAY.items():
        os.environ.setdefault(name, value)
    return run_command(spawn_pi, arguments, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
