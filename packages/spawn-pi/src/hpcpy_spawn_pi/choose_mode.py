"""Which mode: what was asked for if it can work, what was proven here for ``auto``."""

from dataclasses import dataclass, replace

from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.errors import InputError
from hpcpy_spawn_pi.parameters import Mode, Parameters
from hpcpy_spawn_pi.situation import SRUN, Situation, look_around
from hpcpy_spawn_pi.try_spawn import try_spawn

__all__ = ["Choice", "choose_mode"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A mode, why it is that one, and the parameters with as many workers as it has."""

    mode: Mode
    reason: str
    parameters: Parameters


def choose_mode(parameters: Parameters, comm: MPI.Intracomm) -> Choice:
    """Settle the mode of all ranks. Collective over comm.

    Parameters
    ----------
    parameters
        What was asked for.
    comm
        All ranks of the job.

    Returns
    -------
    Choice
        The same on every rank.

    Raises
    ------
    InputError
        On every rank, if a mode that spawns was asked for and cannot work here.
    """
    found: Choice | None = None
    with on_root(comm) as is_root:
        if is_root:
            found = _choose(parameters, look_around(comm), comm.size)
    choice: Choice = comm.bcast(found)
    return choice


def _choose(parameters: Parameters, situation: Situation, ranks: int) -> Choice:
    """Return the choice of one rank. Local."""
    mode, workers = parameters.mode, parameters.workers
    if mode == "split":
        return Choice(mode=mode, reason="asked for", parameters=parameters)
    obstacle = situation.find_obstacle(workers)
    if mode != "auto":
        if obstacle is not None:
            raise InputError(f"--mode {mode}: {obstacle}; or choose --mode split")
        return Choice(mode=mode, reason="asked for", parameters=parameters)
    if obstacle is None and situation.launcher == SRUN:
        obstacle = "nothing proves that this srun can spawn: --mode spawn would try"
    if obstacle is None:
        obstacle = try_spawn(workers, parameters.timeout, launcher=situation.launcher is not None)
    if obstacle is None:
        reason = f"a trial of {situation.vendor} just spawned {workers}"
        return Choice(mode="spawn", reason=reason, parameters=parameters)
    there = min(workers, ranks)
    return Choice(
        mode="split",
        reason=f"no spawn: {obstacle}; so {there} of the ranks that are there compute",
        parameters=replace(parameters, workers=there),
    )
