"""Write a checkpoint, or restore one, as a job whose faults the tests choose.

Each rank writes in --notes, as ``RANK.outcome``, what became of it: "written", what it
has restored, or type and text of its exception.
"""

import os
import resource
import signal
import sys
from pathlib import Path

import click
import numpy as np

from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi


@click.command()
@click.argument("directory", type=Path)
@click.option("--notes", type=Path, required=True)
@click.option("--write", "step", type=int, help="Write a field whose items are this step.")
@click.option("--rows", type=int, default=64, help="Of 1024 float64: 8 KiB each.")
@click.option("--die", type=click.Choice(["one", "all"]), help="Be killed in mid-write.")
@click.option("--limit", type=int, help="Bytes that a file may have.")
@click.option("--insist", is_flag=True, help="Do not look for room.")
@click.option("--dtype", default="f8", help="To restore.")
@click.option("--dx", type=float, default=0.5, help="A parameter.")
def use_checkpoint(directory, notes, step, rows, die, limit, insist, dtype, dx):
    def work(comm):
        from hpcpy_core.decomposition import Decomposition
        from hpcpy_mpiio import Checkpoint
        from hpcpy_mpiio.checkpoints import write_checkpoint as write_module

        decomposition = Decomposition(shape=(rows, 1024), dims=(comm.size, 1))
        checkpoint = Checkpoint(directory, comm, check_room=not insist)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if die is not None:

            def die_instead(path, comm):
                comm.Barrier()  # every rank has written its block, nothing has its name yet
                if die == "all" or comm.rank == comm.size - 1:
                    os.kill(os.getpid(), signal.SIGKILL)
                comm.Barrier()

            write_module.checksum_field = die_instead
        outcome = "nothing"
        try:
            if step is not None:
                block = np.full(decomposition.owned(comm.rank).shape, float(step))
                checkpoint.prepare()
                checkpoint.write(
                    step, 0.1 * step, {"u": block}, decomposition, parameters={"dx": dx}
                )
                outcome = "written"
            else:
                restored = checkpoint.restore({"u": dtype}, decomposition, parameters={"dx": dx})
                alike = (restored.fields["u"] == restored.step).all()
                outcome = f"restored {restored.step}, {alike}, skipped {restored.skipped}"
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
            raise
        finally:
            (notes / f"{comm.rank}.outcome").write_text(outcome)

    return work


sys.exit(run_command(use_checkpoint, None, lambda: import_mpi().COMM_WORLD))
