"""What the command ``bench`` does: refuse what cannot be done, measure, write."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import click
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.errors import InputError
from hpcpy_core.memory import require_memory
from hpcpy_core.output_files import check_plot, check_writable
from hpcpy_core.report import build_report, write_report
from hpcpy_core.selection import select
from hpcpy_core.sizes import format_size
from hpcpy_mpiio.benchmark.access import Api
from hpcpy_mpiio.benchmark.check_room import check_folder
from hpcpy_mpiio.benchmark.file_system import FileSystem, find_file_system, try_lock
from hpcpy_mpiio.benchmark.layouts import ITEM_BYTES, LayoutName, make_layout
from hpcpy_mpiio.benchmark.measure import Method, measure
from hpcpy_mpiio.benchmark.table import format_conditions, format_table
from hpcpy_mpiio.scratch_folder import scratch_folder

__all__ = ["run_bench"]

COMMAND = "hpcpy-mpiio bench"


def run_bench(
    comm: MPI.Intracomm,
    *,
    size: int,
    transfer: int | None,
    segments: int,
    layouts: Sequence[LayoutName],
    apis: Sequence[Api],
    hints: Mapping[str, str],
    fsync: bool,
    reorder: bool,
    drop: bool,
    verify: bool,
    repeats: int,
    folder: Path,
    record: Path | None,
    plot: Path | None,
) -> None:
    """Measure and write. Collective over comm; the parameters are the command's options.

    Raises
    ------
    InputError
        On every rank, before anything is written, if what was asked for cannot be done.
    FileError
        On every rank, if a write or read failed, or delivered wrong data on any.
    """
    transfer = size if transfer is None else transfer
    with agreed(comm):
        _check_transfer(size, transfer)
        rows, columns = MPI.Compute_dims(comm.size, 2)
        chosen = [make_layout(name, size, segments, (rows, columns), comm.size) for name in layouts]
    with on_root(comm) as is_root:
        if is_root:
            check_writable(record, "--json")
            check_plot(plot)
            check_folder(folder, size * comm.size)
    require_memory(comm, size, "the blocks", "give a smaller --size, or start fewer ranks")
    selection = select("cpu", "auto", comm)
    with ExitStack() as stack:
        place: tuple[str, FileSystem, str] | None = None
        with on_root(comm) as is_root:
            if is_root:
                shared = stack.enter_context(scratch_folder(folder))
                place = str(shared), find_file_system(shared), try_lock(shared / "lock")
        name, system, locks = comm.bcast(place, root=0)
        method = Method(
            transfer=transfer,
            hints=hints,
            fsync=fsync,
            drop=drop,
            verify=verify,
            shift=_find_shift(comm) if reorder else 0,
            in_memory=system.type in {"tmpfs", "ramfs"},
            repeats=repeats,
        )
        if comm.rank == 0:
            click.echo(format_conditions(chosen, method, system, locks, str(selection)))
        measurements = measure(chosen, apis, method, Path(name), comm)
    with on_root(comm) as is_root:
        if is_root:
            click.echo(format_table(measurements, hints))
            if record is not None:
                report = build_report(
                    COMMAND,
                    selection,
                    {
                        "size": size,
                        "transfer": transfer,
                        "segments": segments,
                        "layouts": list(layouts),
                        "apis": list(apis),
                        "hints": dict(hints),
                        "fsync": fsync,
                        "reorder": reorder,
                        "shift": method.shift,
                        "drop_cache": drop,
                        "verify": verify,
                        "repeats": repeats,
                    },
                    file_system={**system.as_dict(), "fcntl_locks": locks},
                    measurements=[measured.as_dict() for measured in measurements],
                )
                write_report(record, report)
            if plot is not None:
                from hpcpy_mpiio.benchmark.draw import draw_bench

                draw_bench(plot, measurements)


def _check_transfer(size: int, transfer: int) -> None:
    if transfer % ITEM_BYTES or size % transfer:
        raise InputError(
            f"--transfer {format_size(transfer)} does not cut --size {format_size(size)} into "
            f"equal calls of whole float64 items: give a divisor that is a multiple of {ITEM_BYTES}"
        )


def _find_shift(comm: MPI.Intracomm) -> int:
    """Return the ranks of the fullest node: from r to r + that is another node, as IOR's -C.

    On one node it is 1: another process, but the same page cache.
    """
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    try:
        most: int = comm.allreduce(node.size, op=MPI.MAX)
    finally:
        node.Free()
    return most if most < comm.size else 1
