"""Run one long step of the build, which says what it does into a log."""

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from hpcpy_core.errors import HpcpyError

__all__ = ["run_step"]

ERROR = re.compile(r"\berror\b:|^E: |No space left", re.IGNORECASE)
TOLD = 6
"""How many lines of the log are in the message of a failure."""


def run_step(command: Sequence[str], folder: Path, log: Path, **variables: str) -> None:
    """Run a program to its end, at low priority. Local.

    When this is interrupted, the program and all that it started are ended at once.

    Parameters
    ----------
    command
        The program and its arguments.
    folder
        Where it runs.
    log
        What it prints is added to this file.
    **variables
        Of its environment, on top of `os.environ`.

    Raises
    ------
    HpcpyError
        If it fails: the lines of the log that say why are in the message.
    """
    with log.open("a") as words:
        began = words.tell()
        with subprocess.Popen(
            ["nice", "-n", "10", *command],
            cwd=folder,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                code = process.wait()
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)  # make's compilers too
                raise
    if code:
        with log.open(errors="replace") as file:
            file.seek(began)
            lines = file.read().splitlines()
        told = "\n".join(([line for line in lines if ERROR.search(line)] or lines)[-TOLD:])
        name = Path(command[0]).name
        raise HpcpyError(f"{name} ended with {code}:\n{told}\nAll that it said is in {log}")
