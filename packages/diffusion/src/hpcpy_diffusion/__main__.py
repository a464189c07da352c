"""``python -m hpcpy_diffusion`` and the ``hpcpy-diffusion`` command."""

import sys
from collections.abc import Sequence

from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi
from hpcpy_core.run_alone import run_alone
from hpcpy_diffusion.command import ALONE, diffusion

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments and arguments[0] in {command.name for command in ALONE}:
        return run_alone(diffusion, arguments)
    return run_command(diffusion, arguments, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
