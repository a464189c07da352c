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
from hpcpy_mpiio.checkpoints.checksum_field import verify_field
from hpcpy_mpiio.checkpoints.metadata import Metadata, describe_dtype
from hpcpy_mpiio.checkpoints.metadata_file import read_metadata
from hpcpy_mpiio.load_npy import load

__all__ = ["Restored", "restore_newest"]


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
            with agreed(comm):
                _check_parameters(path, metadata, parameters)
                _check_fields(path, metadata, dtypes, decomposition)
            for name, record in metadata.fields.items():
                verify_field(path / f"{name}.npy", record, comm)
            fields = {name: load(path / f"{name}.npy", decomposition, comm) for name in dtypes}
        except FileError as error:
            if not error.agreed:
                raise
            skipped.append((path.name, str(error)))
            continue
        return Restored(
            path=path,
            step=metadata.step,
            time=metadata.time,
            fields=fields,
            skipped=tuple(skipped),
        )
    faults = "; ".join(f"{name}: {reason}" for name, reason in skipped)
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
                f"{name} = {value}, but {path} is of a run with {name} = {there}: give the "
                "parameters of that run, or another directory"
            )


def _check_fields(
    path: Path,
    metadata: Metadata,
    dtypes: Mapping[str, npt.DTypeLike],
    decomposition: Decomposition,
) -> None:
    """Refuse a checkpoint of other fields. Local."""
    for name, dtype in dtypes.items():
        if name not in metadata.fields:
            raise InputError(f"{path} has no field {name}: it has {', '.join(metadata.fields)}")
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
