"""Write one generation of a run's state, down to the disk, and give it its name."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import HpcpyError
from hpcpy_core.report import describe_run
from hpcpy_core.selection import library_name
from hpcpy_mpiio.check import check_alike, check_block, check_decomposition
from hpcpy_mpiio.checkpoints.checksum_field import checksum_field
from hpcpy_mpiio.checkpoints.directory_lock import locked
from hpcpy_mpiio.checkpoints.generations import (
    discard_generation,
    publish_generation,
    remove_generations,
    start_generation,
)
from hpcpy_mpiio.checkpoints.metadata import check_names, plan_metadata
from hpcpy_mpiio.checkpoints.metadata_file import write_metadata
from hpcpy_mpiio.failing import failing
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
) -> Path:
    """Write a generation and remove those that are too old. Collective over comm.

    Arguments, result and errors are those of `Checkpoint.write`.
    """
    with agreed(comm):
        check_decomposition(decomposition, comm)
        check_names(fields)
        for block in fields.values():
            check_block(block, decomposition, comm.rank)
        plan = plan_metadata(step, time, parameters)
    check_alike("step, time and parameters", (step, time, plan.parameters), comm)
    check_alike("fields", [*fields], comm)
    generation: Path | None = None
    with ExitStack() as held:
        try:
            with on_root(comm) as is_root:
                if is_root:
                    generation = _start(directory, step, held)
            folder: Path = comm.bcast(generation, root=0)
            for name, block in fields.items():
                save(folder / f"{name}.npy", block, decomposition, comm)
            records = {name: checksum_field(folder / f"{name}.npy", comm) for name in fields}
            with on_root(comm) as is_root:
                if is_root:
                    whole = replace(plan, versions=_list_versions(), fields=records)
                    write_metadata(folder, whole)
                    publish_generation(folder)
                    remove_generations(folder.parent, newest=step, keep=keep)
        except BaseException as error:
            if generation is not None:
                discard_generation(generation)
            if isinstance(error, HpcpyError) and error.agreed:
                comm.Barrier()  # no rank returns before the temporary is gone
            raise
    return folder.with_suffix("")


def _start(directory: Path, step: int, held: ExitStack) -> Path:
    """Lock the directory for as long as `held`, and start a generation in it. Local."""
    place = directory.absolute()
    with failing(f"write checkpoints to {place}", "check free space and your rights"):
        place.mkdir(parents=True, exist_ok=True)
        held.enter_context(locked(place))
    return start_generation(place, step)


@cache
def _list_versions() -> dict[str, str]:
    """Return the versions of Python, hpcpy, what it stands on, and of the MPI library. Local."""
    return {**describe_run("checkpoint")["versions"], "mpi": library_name()}
