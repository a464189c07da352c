"""Checkpoints: generations of a run's state on disk, of which the newest valid one is restored."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_mpiio.check import check_alike, check_decomposition
from hpcpy_mpiio.checkpoints.generations import (
    list_generations,
    remove_generations,
)
from hpcpy_mpiio.checkpoints.metadata import plain_parameters
from hpcpy_mpiio.checkpoints.restore_checkpoint import Restored, restore_newest
from hpcpy_mpiio.checkpoints.write_checkpoint import write_checkpoint

__all__ = ["Checkpoint"]


@dataclass(frozen=True)
class Checkpoint:
    """The checkpoints of one run in one directory.

    A checkpoint is the directory ``ckpt-<step>``: one .npy file for each field, which
    any reader opens, and ``metadata.json``. It is there whole or not at all, and older
    ones go only when it is on disk. Jobs that write into one directory at the same
    time are refused where the file system can lock. Creation is local.

    Parameters
    ----------
    directory
        Rank 0's counts. `write` makes it if need be.
    comm
        All of its ranks must call every method.
    keep
        Generations that stay, at least 1.

    Raises
    ------
    InputError
        If `keep` is below 1.
    """

    directory: Path
    comm: MPI.Intracomm
    keep: int = 2

    def __post_init__(self) -> None:
        """Refuse what would keep nothing."""
        if self.keep < 1:
            raise InputError(f"keep = {self.keep}: keep at least 1 checkpoint")
        object.__setattr__(self, "directory", Path(self.directory))

    def prepare(self) -> None:
        """Make the directory, and see before the run that it can be written. Collective over comm.

        Raises
        ------
        InputError
            The same on every rank, if it cannot be made or written.
        """
        with on_root(self.comm) as is_root:
            if is_root:
                try:
                    self.directory.mkdir(parents=True, exist_ok=True)
                    with TemporaryFile(dir=self.directory):
                        pass
                except OSError as error:
                    raise InputError(
                        f"checkpoints {self.directory} cannot be written: {error.strerror}"
                    ) from error

    def generations(self) -> list[Path]:
        """Return the generations that are there, valid or not, the newest first. Collective."""
        found: list[Path] = []
        with on_root(self.comm) as is_root:
            if is_root:
                # The ranks may be in different folders.
                found = list_generations(self.directory.absolute())
        shared: list[Path] = self.comm.bcast(found, root=0)
        return shared

    def clear(self) -> None:
        """Remove all generations. Collective over comm."""
        with on_root(self.comm) as is_root:
            if is_root:
                remove_generations(self.directory, newest=-1, keep=0)

    def write(
        self,
        step: int,
        time: float,
        fields: Mapping[str, npt.NDArray[Any]],
        decomposition: Decomposition,
        *,
        parameters: Mapping[str, Any] | None = None,
    ) -> Path:
        """Write a checkpoint, then remove what is older than the `keep` last. Collective over comm.

        One of the same step is replaced; those of later steps, which a restart has left
        behind, are removed too. What killed jobs left is swept.

        Parameters
        ----------
        step, time
            How far the run is: steps done, from 0, and a finite time.
        fields
            This rank's owned part of each, by name: a word of letters, digits, - and _.
        decomposition
            Of every field, the same on every rank, for ``comm.size`` ranks.
        parameters
            What a restart must have alike, as plain JSON values.

        Returns
        -------
        Path
            The directory of the checkpoint.

        Raises
        ------
        InputError
            The same on every rank, before anything is written: arguments that cannot
            work, or that differ between ranks.
        FileError
            The same on every rank, if a step failed on any. Older checkpoints are as
            they were, and nothing is left of this one.
        """
        return write_checkpoint(
            self.directory,
            step,
            time,
            fields,
            decomposition,
            self.comm,
            keep=self.keep,
            parameters=parameters or {},
        )

    def restore(
        self,
        dtypes: Mapping[str, npt.DTypeLike],
        decomposition: Decomposition,
        *,
        parameters: Mapping[str, Any] | None = None,
    ) -> Restored:
        """Read the newest valid checkpoint, bit for bit. Collective over comm.

        Any number of ranks may have written it. All its fields are verified.

        Parameters
        ----------
        dtypes
            Of the fields to restore, by name.
        decomposition
            Of the fields, the same on every rank, for ``comm.size`` ranks.
        parameters
            Those that must be the checkpoint's.

        Returns
        -------
        Restored
            With the newer checkpoints that were skipped, and why.

        Raises
        ------
        InputError
            The same on every rank: there is no checkpoint, or it is of other
            parameters, fields, shape or dtype.
        FileError
            The same on every rank: no checkpoint is valid; what each lacks is said.
        """
        with agreed(self.comm):
            check_decomposition(decomposition, self.comm)
            plain = plain_parameters(parameters or {})
        check_alike("a decomposition", decomposition, self.comm)
        generations = self.generations()
        with agreed(self.comm):
            if not generations:
                raise InputError(
                    f"there is no checkpoint in {self.directory}: give the directory that holds "
                    "ckpt-<step>, or start anew"
                )
        return restore_newest(generations, dtypes, decomposition, plain, self.comm)
