"""``python -m hpcpy_collectives`` and the ``hpcpy-collectives`` command."""

import sys
from collections.abc import Sequence

from hpcpy_collectives.command import collectives
from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(collectives, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
