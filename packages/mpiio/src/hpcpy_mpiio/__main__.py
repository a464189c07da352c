"""``python -m hpcpy_mpiio`` and the ``hpcpy-mpiio`` command."""

import sys
from collections.abc import Sequence

from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi
from hpcpy_core.run_alone import run_alone
from hpcpy_mpiio.command import ALONE, mpiio

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments and arguments[0] in {command.name for command in ALONE}:
        return run_alone(mpiio, arguments)
    return run_command(mpiio, arguments, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
