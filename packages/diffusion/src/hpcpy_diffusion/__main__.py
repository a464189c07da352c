"""``python -m hpcpy_diffusion`` and the ``hpcpy-diffusion`` command."""

import sys
from collections.abc import Sequence

from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi
from hpcpy_diffusion.command import diffusion

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(diffusion, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
