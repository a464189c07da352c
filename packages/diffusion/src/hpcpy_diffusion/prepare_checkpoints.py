"""Find out where checkpoints are read and written, before any work."""

import os
from pathlib import Path

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.errors import InputError
from hpcpy_mpiio import Checkpoint

__all__ = ["prepare_checkpoints"]


def prepare_checkpoints(
    comm: MPI.Intracomm,
    *,
    place: Path | None,
    restart: Path | None,
    resume: bool,
    writes: bool,
    overwrite: bool,
) -> tuple[Checkpoint | None, Checkpoint | None]:
    """Return where a run starts from and where it writes to. Collective over comm.

    Parameters
    ----------
    place
        Where checkpoints are written to.
    restart
        Where one must be, to start from.
    resume
        Start from `place` if there is a checkpoint, valid or not.
    writes
        Whether checkpoints are wanted.
    overwrite
        Whether those of another run may be removed from `place`.

    Raises
    ------
    InputError
        On every rank: `place` is missing, cannot be written, or holds checkpoints of
        another run and `overwrite` is False.
    """
    with agreed(comm):
        if restart is not None and resume:
            raise InputError("--resume looks where this run writes: leave out --restart or it")
        if place is None and (writes or resume):
            raise InputError("checkpoints need a place: give --output DIR, or --checkpoint DIR")
    source = None if restart is None else Checkpoint(restart, comm)
    if place is None:
        return source, None
    target = Checkpoint(place, comm)
    there = target.generations()
    if resume and there:
        source = target
    if not writes:
        return source, None
    target.prepare()
    same = source is not None and os.path.realpath(source.directory) == os.path.realpath(place)
    if there and not comm.bcast(same, root=0):
        with agreed(comm):
            if not overwrite:
                raise InputError(
                    f"{place} holds {there[0].name} of an earlier run: give --resume to continue "
                    "it, --overwrite to start anew, or another --checkpoint"
                )
        target.clear()
    return source, target
