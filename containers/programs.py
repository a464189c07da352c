"""Run the programs that images are built with."""

import os
import shutil
import subprocess
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from hpcpy_core.errors import HpcpyError, InputError

__all__ = ["call", "find_first", "no_base", "watch"]

LAST_LINES = 8


def find_first(names: Iterable[str]) -> str | None:
    """Return the path of the first of these programs that is on PATH, or None. Local."""
    return next(filter(None, map(shutil.which, names)), None)


def call(command: Sequence[str], **variables: str) -> str:
    """Run a program in silence and return what it printed. Local.

    Parameters
    ----------
    command
        The program and its arguments.
    **variables
        Of its environment, on top of `os.environ`.

    Raises
    ------
    HpcpyError
        If it cannot be run or fails; its last words are in the message.
    """
    environment = {**os.environ, **variables}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise HpcpyError(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip()[-800:]
        raise HpcpyError(f"{Path(command[0]).name} ended with {done.returncode}: {words}")
    return done.stdout


def watch(command: Sequence[str], folder: Path, **variables: str) -> None:
    """Run a long program in `folder`, and pass on what it prints to standard error. Local.

    Raises
    ------
    HpcpyError
        If it fails; its last lines are in the message.
    """
    last: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                click.echo(line, nl=False, err=True)
                last.append(line)
        except BaseException:
            process.terminate()  # else an interrupted build goes on
            raise
    if process.returncode:
        raise HpcpyError(
            f"{Path(command[0]).name} ended with {process.returncode}: {''.join(last).strip()}"
        )


def no_base(base: object, error: HpcpyError) -> InputError:
    """Return what to say when a program could not get the base image. Local."""
    reason = str(error).splitlines()[-1]
    return InputError(
        f"the base image {base} cannot be had: name another one by --base, "
        f"or make one here by --base made ({reason})"
    )
