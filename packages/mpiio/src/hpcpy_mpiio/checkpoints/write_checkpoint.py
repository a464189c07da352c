"""Write one generation of a run's state, down to the disk, and give it its name."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import HpcpyError
from hpcpy_core.report import describe_run
from hpcpy_core.selection import library_name
from hpcpy_mpiio.check import check_block, check_decomposition, check_finite, check_together
from hpcpy_mpiio.checkpoints.checksum_field import checksum_field
from hpcpy_mpiio.checkpoints.generations import (
    discard_generation,
    publish_generation,
    start_generation,
)
from hpcpy_mpiio.checkpoints.hold_place import hold_place
from hpcpy_mpiio.checkpoints.metadata import Metadata, check_names, plan_metadata
from hpcpy_mpiio.checkpoints.metadata_file import write_metadata
from hpcpy_mpiio.checkpoints.prune_generations import prune_generations
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import encode_header
from hpcpy_mpiio.room import require_room
from hpcpy_mpiio.save_npy import save

__all__ = ["write_checkpoint"]


def write_checkpoint(
    directory: Path,
    step: int,
    time: float,
    fields: Mapping[str, npt.NDArray[Any]],
    decomposition: Decomposition,
    comm: MPI.Intracomm,
    *,
    keep: int,
    parameters: Mapping[str, Any],
    finite: bool,
    check_room: bool,
    spared: Collection[str],
) -> Path:
    """Write a generation and remove those that are too old. Collective over comm.

    Arguments, result and errors are those of `Checkpoint.write`.
    """
    plan: Metadata | None = None

    def check() -> dict[str, object]:
        nonlocal plan
        check_decomposition(decomposition, comm)
        check_names(fields)
        for name, block in fields.items():
            check_block(block, decomposition, comm.rank)
            encode_header(decomposition.shape, block.dtype)
            if finite:
                check_finite(name, block, decomposition.owned(comm.rank).start)
        plan = plan_metadata(step, time, parameters)
        return {
            "step, time and parameters": (plan.step, plan.time, plan.parameters),
            "fields": [*fields],
            "dtypes": [block.dtype for block in fields.values()],
        }

    check_together(check, comm)
    assert plan is not None
    generation: Path | None = None
    try:
        with on_root(comm) as is_root:
            if is_root:
                sizes = (block.dtype.itemsize for block in fields.values())
                needed = prod(decomposition.shape) * sum(sizes) if check_room else 0
                generation = _start(directory, plan.step, [*fields], needed)
        folder: Path = comm.bcast(generation, root=0)
        for name, block in fields.items():
            save(folder / f"{name}.npy", block, decomposition, comm, check_room=False)
        records = {name: checksum_field(folder / f"{name}.npy", comm) for name in fields}
        with on_root(comm) as is_root:
            if is_root:
                whole = replace(plan, versions=_list_versions(), fields=records)
                write_metadata(folder, whole)
                publish_generation(folder)
                prune_generations(folder.parent, newest=plan.step, keep=keep, spared=spared)
    except BaseException as error:
        if generation is not None:
            discard_generation(generation)
        if isinstance(error, HpcpyError) and error.agreed:
            comm.Barrier()  # no rank returns before the temporary is gone
        raise
    return folder.with_suffix("")


def _start(directory: Path, step: int, fields: list[str], needed: int) -> Path:
    """Hold the directory, and start a generation in it. Local."""
    place = directory.absolute()
    with failing(f"write checkpoints to {place}", "check free space and your rights"):
        place.mkdir(parents=True, exist_ok=True)
    hold_place(place)
    cure = "free some, or insist with Checkpoint(..., check_room=False)"
    require_room(place, needed, f"the checkpoint of step {step}", cure)
    return start_generation(place, step, fields)


@cache
def _list_versions() -> dict[str, str]:
    """Return the versions of Python, hpcpy, what it stands on, and of the MPI library. Local."""
    return {**describe_run("checkpoint")["versions"], "mpi": library_name()}
