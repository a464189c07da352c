"""``hpcpy-mpiio``: one process looks at a parallel .npy file. No MPI."""

import sys
from collections.abc import Sequence

import click

from hpcpy_mpiio import __version__
from hpcpy_mpiio.info import info

__all__ = ["main"]


@click.group(name="hpcpy-mpiio", commands=[info])
@click.version_option(__version__)
def command() -> None:
    """Look at .npy files: the format in which hpcpy saves arrays in parallel."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    try:
        code = command.main(args=argv, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
