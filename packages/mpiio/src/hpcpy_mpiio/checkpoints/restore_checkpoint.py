"""Restore the newest valid checkpoint of a directory, and say which ones were not valid."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_core.listing import name_some
from hpcpy_mpiio.checkpoints.checksum_field import check_field, verify_field
from hpcpy_mpiio.checkpoints.metadata import Metadata, describe_dtype
from hpcpy_mpiio.checkpoints.metadata_file import read_metadata
from hpcpy_mpiio.load_npy import load

__all__ = ["Restored", "restore_newest"]

LONGEST = 400
MOST_TOLD = 5


@dataclass(frozen=True, kw_only=True)
class Restored:
    """The state of a run as a checkpoint has it."""

    path: Path
    step: int
    time: float
    fields: dict[str, npt.NDArray[Any]]
    """This rank's part of each, shape ``decomposition.owned(comm.rank).shape``."""
    skipped: tuple[tuple[str, str], ...]
    """Newer checkpoints that are not valid: the name of each, and why."""


def restore_newest(
    generations: list[Path],
    dtypes: Mapping[str, npt.DTypeLike],
    decomposition: Decomposition,
    parameters: Mapping[str, Any],
    comm: MPI.Intracomm,
    unread: set[str],
) -> Restored:
    """Restore the first valid one of some generations. Collective over comm.

    Parameters
    ----------
    generations
        The newest first; at least one; the same on every rank.
    dtypes
        Of the fields to restore, by name.
    decomposition
        Of the fields, for ``comm.size`` ranks.
    parameters
        Which the checkpoint must have, with these values.
    comm
        All of its ranks must call.
    unread
        Takes the names of those that could not be read for now, and may be whole.

    Raises
    ------
    InputError
        The same on every rank: a checkpoint of other parameters, fields, shape or dtype.
    FileError
        The same on every rank: no generation is valid; what each lacks is said.
    """
    skipped: list[tuple[str, str]] = []
    for path in generations:
        try:
            metadata = _share_metadata(path, comm)
            # What asks for another array than there is must not be blamed on the caller.
            for name, record in metadata.fields.items():
                check_field(path / f"{name}.npy", record, comm)
            with agreed(comm):
                _check_parameters(path, metadata, parameters)
                _check_fields(path, metadata, dtypes, decomposition)
            for name, record in metadata.fields.items():
                verify_field(path / f"{name}.npy", record, comm)
            fields = {name: load(path / f"{name}.npy", decomposition, comm) for name in dtypes}
        except FileError as error:
            if not error.agreed:
                raise
            skipped.append((path.name, _shorten(error)))
            if error.for_now:
                unread.add(path.name)
            continue
        return Restored(
            path=path,
            step=metadata.step,
            time=metadata.time,
            fields=fields,
            skipped=tuple(skipped),
        )
    faults = _tell(skipped)
    with agreed(comm):
        raise FileError(
            f"no checkpoint in {generations[0].parent} is valid ({faults}): put back a copy of one"
        )


def _share_metadata(path: Path, comm: MPI.Intracomm) -> Metadata:
    metadata: Metadata | None = None
    with on_root(comm) as is_root:
        if is_root:
            metadata = read_metadata(path)
    shared: Metadata = comm.bcast(metadata, root=0)
    return shared


def _check_parameters(path: Path, metadata: Metadata, parameters: Mapping[str, Any]) -> None:
    """Refuse a checkpoint of another problem. Local."""
    for name, value in parameters.items():
        if name not in metadata.parameters:
            raise InputError(f"{path} says nothing of {name}: give the directory of this run")
        there = metadata.parameters[name]
        if there != value:
            raise InputError(
                f"{name} = {_shorten(value)}, but {path} is of a run with "
                f"{name} = {_shorten(there)}: give the parameters of that run, or another directory"
            )


def _shorten(value: object) -> str:
    """Return the beginning of what a message says of a value. Local."""
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _tell(skipped: list[tuple[str, str]]) -> str:
    """Return what each of the first ones lacks, and how many more there are. Local."""
    reasons = [f"{name}: {reason}" for name, reason in skipped]
    more = len(reasons) - MOST_TOLD
    return "; ".join(reasons[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _check_fields(
    path: Path,
    metadata: Metadata,
    dtypes: Mapping[str, npt.DTypeLike],
    decomposition: Decomposition,
) -> None:
    """Refuse a checkpoint of other fields. Local."""
    for name, dtype in dtypes.items():
        if name not in metadata.fields:
            raise InputError(f"{path} has no field {name}: it has {name_some(metadata.fields)}")
        record = metadata.fields[name]
        if record.shape != decomposition.shape:
            raise InputError(
                f"{path} holds {name} of shape {record.shape}, but the decomposition is of "
                f"{decomposition.shape}: make one with shape={record.shape}"
            )
        if record.dtype != describe_dtype(dtype):
            raise InputError(
                f"{path} holds {name} of dtype {record.dtype}, but {np.dtype(dtype)} was asked "
                "for: ask for that dtype, and convert the block"
            )
