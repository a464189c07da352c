"""The entry point of commands of one process: they need no MPI, and start none."""

from collections.abc import Sequence

import click

from hpcpy_core.errors import HpcpyError
from hpcpy_core.masking import mask_tracebacks

__all__ = ["run_alone"]


def run_alone(command: click.Command, argv: Sequence[str] | None) -> int:
    """Parse the command line and do what the callback does. Local.

    Parameters
    ----------
    command
        Its callback returns an exit code, or None for 0.
    argv
        The arguments; None takes the process's own.

    Returns
    -------
    int
        The exit code; that of an `HpcpyError`, whose message is printed.
    """
    mask_tracebacks()
    try:
        code = command.main(args=argv, prog_name=command.name, standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except HpcpyError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    return int(code or 0)
