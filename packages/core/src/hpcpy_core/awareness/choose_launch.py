"""How the job of a proof is started: with which words, in which environment. Starts no MPI."""

import os
from collections.abc import Sequence

from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.expendable import MORE_RANKS_THAN_CORES, scrub
from hpcpy_core.find_mpiexec import find_mpiexec

__all__ = ["choose_launch"]

RANKS = 2

OF_SLURMS_STEP = ("SLURM_STEP", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_TASK_PID")


def choose_launch(given: Sequence[str] | None) -> tuple[list[str], dict[str, str]]:
    """Return the words that start ranks, and their environment. Local.

    Parameters
    ----------
    given
        The user's words, which may reach another machine; None takes two ranks of the mpiexec
        that belongs to the loaded library, here.

    Raises
    ------
    NoDriverError, CudaError
        If this machine has no device, where nothing is given.
    InputError
        If there is no mpiexec.
    """
    environ = scrub(os.environ)
    if given is None:
        load_driver()
        return [str(find_mpiexec()), "-n", str(RANKS)], {**environ, **MORE_RANKS_THAN_CORES}
    # srun has to know its allocation, but not the step that this process may be part of.
    slurms = {name: os.environ[name] for name in os.environ if name.startswith("SLURM_")}
    own = {name: slurms[name] for name in slurms if not name.startswith(OF_SLURMS_STEP)}
    return list(given), {**environ, **own}
