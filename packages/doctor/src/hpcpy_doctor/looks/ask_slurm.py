"""What Slurm says of itself: its plugins for MPI, and its settings."""

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hpcpy_core.tools import complete_tool

__all__ = ["Slurm", "ask_slurm", "ask_tool"]

SECONDS = 3
"""For each question; a controller that is not there is waited for much longer."""

SETTING = re.compile(r"^(\w+)\s*=\s*(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Slurm:
    """The answers.

    Attributes
    ----------
    plugins
        That ``srun --mpi`` knows; empty if it did not say.
    settings
        As ``scontrol show config`` has them; empty if it did not say.
    tasks
        Of the job; None if it did not say.
    """

    plugins: frozenset[str]
    settings: dict[str, str]
    tasks: int | None = None


def ask_slurm(job: str, ask: Callable[[Sequence[str]], str]) -> Slurm:
    """Ask srun and scontrol. Local.

    Parameters
    ----------
    job
        Its number. An mpiexec that Slurm helps to start its ranks leaves them the variables
        of a step of its own, so that SLURM_NTASKS does not tell the job's tasks.
    ask
        Runs a tool and returns what it said; `ask_tool`.
    """
    _, _, listed = ask(["srun", "--mpi=list"]).partition("types are")
    words = (word.strip(",:") for word in listed.partition("specific")[0].split())
    tasks = re.search(r"\bNumTasks=(\d+)", ask(["scontrol", "show", "job", job]))
    return Slurm(
        plugins=frozenset(word for word in words if word.strip(".")),
        settings=dict(SETTING.findall(ask(["scontrol", "show", "config"]))),
        tasks=int(tasks[1]) if tasks else None,
    )


def ask_tool(command: Sequence[str]) -> str:
    """Return what a tool says; nothing if it fails, hangs, or is not there. Local."""
    try:
        done = complete_tool(command, SECONDS)
    except (OSError, subprocess.SubprocessError):
        return ""
    return "" if done.returncode else done.stdout + done.stderr
