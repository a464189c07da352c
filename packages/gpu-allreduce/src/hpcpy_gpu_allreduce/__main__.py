"""``python -m hpcpy_gpu_allreduce`` and the ``hpcpy-gpu-allreduce`` command."""

import sys
from collections.abc import Sequence

from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi
from hpcpy_gpu_allreduce.command import gpu_allreduce

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(gpu_allreduce, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
