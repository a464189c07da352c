"""Save an array of one value, as a job whose faults the tests choose.

Each rank tells in --notes what became of it: ``RANK.outcome`` holds "saved", or type
and text of its exception. With --pause it writes ``RANK.pid`` between the write and
the rename, and waits there for a file ``go``.
"""

import os
import resource
import sys
import time
from pathlib import Path

import click
import numpy as np

from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi


@click.command()
@click.argument("path", type=Path)
@click.option("--notes", type=Path, required=True)
@click.option("--value", type=float, default=1.0)
@click.option("--rows", type=int, default=64, help="Of 1024 float64: 8 KiB each.")
@click.option("--keep", is_flag=True, help="Do not overwrite.")
@click.option("--pause", is_flag=True)
@click.option("--limit", type=int, help="Bytes that a file may have.")
@click.option("--objects", is_flag=True, help="Items that are Python objects.")
@click.option("--wrong-block", is_flag=True, help="On the last rank.")
@click.option("--insist", is_flag=True, help="Do not look for room.")
@click.option("--temporary", help="Name of the temporary.")
def save_array(
    path, notes, value, rows, keep, pause, limit, objects, wrong_block, insist, temporary
):
    def work(comm):
        from hpcpy_core.decomposition import Decomposition
        from hpcpy_mpiio import replacement as replacement_module
        from hpcpy_mpiio import save_npy as save_module

        decomposition = Decomposition(shape=(rows, 1024), dims=(comm.size, 1))
        block = np.full(decomposition.owned(comm.rank).shape, value, "O" if objects else "f8")
        if wrong_block and comm.rank == comm.size - 1:
            block = block[1:]
        if temporary is not None:
            replacement_module.name_temporary = lambda name: temporary
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if pause:
            real = save_module.bring_to_disk

            def pause_first(*args):
                wait_for_go(notes, comm.rank)
                real(*args)

            save_module.bring_to_disk = pause_first
        outcome = "saved"
        try:
            save_module.save(
                path, block, decomposition, comm, overwrite=not keep, check_room=not insist
            )
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
            raise
        finally:
            (notes / f"{comm.rank}.outcome").write_text(outcome)

    return work


def wait_for_go(notes, rank):
    unfinished = notes / f"{rank}.unfinished"
    unfinished.write_text(str(os.getpid()))
    unfinished.rename(notes / f"{rank}.pid")
    while not (notes / "go").exists():
        time.sleep(0.01)


sys.exit(run_command(save_array, None, lambda: import_mpi().COMM_WORLD))
