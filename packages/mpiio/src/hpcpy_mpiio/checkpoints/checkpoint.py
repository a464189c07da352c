"""Checkpoints: generations of a run's state on disk, of which the newest valid one is restored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integer
from hpcpy_mpiio.check import check_decomposition, check_together
from hpcpy_mpiio.checkpoints.generations import list_generations
from hpcpy_mpiio.checkpoints.hold_place import hold_place, release_place
from hpcpy_mpiio.checkpoints.metadata import plain_parameters
from hpcpy_mpiio.checkpoints.prune_generations import clear_generations
from hpcpy_mpiio.checkpoints.restore_checkpoint import Restored, restore_newest
from hpcpy_mpiio.checkpoints.write_checkpoint import write_checkpoint
from hpcpy_mpiio.replacement import as_path

__all__ = ["Checkpoint"]


@dataclass(frozen=True)
class Checkpoint:
    """The checkpoints of one run in one directory.

    A checkpoint is the directory ``ckpt-<step>``: one .npy file for each field, which
    any reader opens, and ``metadata.json``. It is there whole or not at all, and older
    ones go only when it is on disk. The first call that changes something holds the
    directory, until `close` or the end of rank 0's process: another job is refused, where
    the file system can lock. Creation is local.

    Parameters
    ----------
    directory
        Rank 0's counts. `write` makes it if need be.
    comm
        All of its ranks must call every method.
    keep
        Whole generations that stay, at least 1.
    finite
        Whether a field that holds infinity or NaN is refused, so that a run which went wrong
        does not write over its good state. False for fields in which NaN means something.
    check_room
        Whether a checkpoint is refused that is larger than what the file system says is free.

    Raises
    ------
    InputError
        If `keep` is below 1.
    """

    directory: Path
    comm: MPI.Intracomm
    keep: int = 2
    finite: bool = True
    check_room: bool = True
    _unread: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """Those that could not be read for now: they are not removed."""

    def __post_init__(self) -> None:
        """Refuse what would keep nothing."""
        object.__setattr__(self, "keep", as_integer(self.keep, "keep"))
        if self.keep < 1:
            raise InputError(f"keep = {self.keep}: keep at least 1 checkpoint")
        object.__setattr__(self, "directory", as_path(self.directory))

    def prepare(self) -> None:
        """Make the directory, and see before the run that it can be written. Collective over comm.

        Raises
        ------
        InputError
            The same on every rank, if it cannot be made or written.
        FileError
            The same on every rank, with exit code 2: another job holds it.
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
                hold_place(self.directory)

    def close(self) -> None:
        """Let other jobs write into the directory; the next write holds it again. Local."""
        if self.comm.rank == 0:
            release_place(self.directory)

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
        """Remove all generations. Collective over comm.

        What is not a checkpoint of ours stays, whatever its name; one that cannot be read for
        now is renamed to ``ckpt-<step>.kept``.

        Raises
        ------
        FileError
            The same on every rank: another job holds the directory, or it cannot be changed.
        """
        with on_root(self.comm) as is_root:
            if is_root and self.directory.is_dir():
                hold_place(self.directory)
                clear_generations(self.directory)

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
        behind, are removed too. But one that cannot be read for now (rights, a mount, a disk
        that fails) stays, and so does what others have put there: a file in a checkpoint that
        goes, or a directory of its name, is then in ``ckpt-<step>.kept``. What killed jobs
        left is swept.

        Parameters
        ----------
        step, time
            How far the run is: steps done, from 0, and a finite time. NumPy's scalars
            will do, here and in `parameters`.
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
            work, or that differ between ranks; a masked array; more bytes than fit.
        FileError
            The same on every rank: a field is not finite, another job holds the directory,
            or a step failed on any. Older checkpoints are as they were, and nothing is left
            of this one.
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
            finite=self.finite,
            check_room=self.check_room,
            spared=self._unread,
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
        plain: dict[str, Any] = {}

        def check() -> dict[str, object]:
            check_decomposition(decomposition, self.comm)
            plain.update(plain_parameters(parameters or {}))
            wanted = {name: _find_dtype(name, dtype) for name, dtype in dtypes.items()}
            return {
                "a decomposition": decomposition,
                "fields and dtypes": list(wanted.items()),
                "parameters": plain,
            }

        check_together(check, self.comm)
        generations = self.generations()
        with agreed(self.comm):
            if not generations:
                raise InputError(
                    f"there is no checkpoint in {self.directory}: give the directory that holds "
                    "ckpt-<step>, or start anew"
                )
        return restore_newest(generations, dtypes, decomposition, plain, self.comm, self._unread)


def _find_dtype(name: str, dtype: npt.DTypeLike) -> np.dtype[Any]:
    try:
        return np.dtype(dtype)
    except TypeError as error:
        raise InputError(f"field {name}: {dtype!r} is no dtype: give one such as '<f8'") from error
