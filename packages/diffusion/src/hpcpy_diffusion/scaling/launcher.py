"""What starts a job on so many ranks: this environment's mpiexec, or the user's own words."""

import os
import shlex
import shutil
from dataclasses import dataclass

from hpcpy_core.errors import InputError
from hpcpy_core.expendable import scrub
from hpcpy_core.find_mpiexec import find_mpiexec

__all__ = ["Launcher", "find_launcher", "launch_environment"]

RANKS = "{ranks}"


@dataclass(frozen=True)
class Launcher:
    """The words before a program; in one of them stands ``{ranks}``."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        """Return the words as a line that a shell would take."""
        return shlex.join(self.words).replace(f"'{RANKS}'", RANKS)

    def command(self, ranks: int, program: list[str]) -> list[str]:
        """Return the command line that runs a program on so many ranks. Local."""
        return [word.replace(RANKS, str(ranks)) for word in self.words] + program


def find_launcher(template: str | None) -> Launcher:
    """Return the launcher of a template, or without one the mpiexec of the loaded MPI. Local.

    Parameters
    ----------
    template
        Such as ``srun --mpi=pmi2 -n {ranks}``. No shell reads it.

    Raises
    ------
    InputError
        If it says not where the ranks go, or names no program; or without one if there is no
        mpiexec.
    """
    if template is None:
        return Launcher((str(find_mpiexec()), "-n", RANKS))
    try:
        words = tuple(shlex.split(template))
    except ValueError as error:
        raise InputError(f"--launcher {template}: {error}") from error
    if not any(RANKS in word for word in words):
        raise InputError(
            f"--launcher {template!r}: write {RANKS} where the number of ranks goes, "
            f'for example --launcher "srun -n {RANKS}"'
        )
    if shutil.which(words[0]) is None:
        raise InputError(f"--launcher {template!r}: there is no program {words[0]} on PATH")
    return Launcher(words)


def launch_environment() -> dict[str, str]:
    """Return the environment for a job: this process's, without a launcher's own words. Local.

    An interactive shell may have been started by a launcher, as one rank. Slurm's variables
    stay: they name the allocation in which the job is to run.
    """
    slurm = {name: value for name, value in os.environ.items() if name.startswith("SLURM_")}
    return {**scrub(os.environ), **slurm}
