"""The program of the proof's expendable job: it may crash, hang, or get wrong data.

    mpiexec -n 2 python -m hpcpy_core.awareness.probe JOB-SECONDS TRIAL-SECONDS OPERATION...

It hands memory of a device to MPI, and says what it is about to try before it tries.
The device is used after MPI_Init, as it is in a job that chooses its devices together.
"""

import os
import platform
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hpcpy_core.awareness.device_block import device_blocks
from hpcpy_core.awareness.markers import say
from hpcpy_core.awareness.operations import Operation
from hpcpy_core.awareness.queries import ask_environment, ask_library
from hpcpy_core.cuda_driver import Driver, load_driver
from hpcpy_core.errors import HpcpyError
from hpcpy_core.find_library import find_library, list_mapped
from hpcpy_core.launch import import_mpi

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["SIZES", "main"]

SIZES = (1, 13, 1000, 2**17, 2**20)
"""Items of 8 B: the last are 1 MiB and 8 MiB, which MPIs send in other ways than small ones."""

SHARED = Path("/dev/shm")


def main(argv: Sequence[str]) -> int:
    """Try operations in turn; return 0 if none of them stopped it. Collective over the world."""
    job_seconds, trial_seconds, operations = int(argv[0]), int(argv[1]), argv[2:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # An alarm ends a process that waits in MPI for ever, even where its launcher is gone.
    signal.alarm(job_seconds)
    try:
        comm = import_mpi().COMM_WORLD
        driver = _start(comm)
    except HpcpyError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    for operation in operations:
        signal.alarm(trial_seconds)
        _try(comm, driver, cast(Operation, operation))
    signal.alarm(trial_seconds)
    return 0


def _start(comm: "MPI.Intracomm") -> Driver:
    """Choose a device, and say who and where this rank is. Collective over comm."""
    from mpi4py import MPI

    from hpcpy_core.agreement import agreed
    from hpcpy_core.awareness.hosts import count_hosts
    from hpcpy_core.selection import library_name

    library = find_library()
    answers = {**ask_library(library.path if library else "", comm), **ask_environment()}
    with agreed(comm):
        driver = load_driver()
        node = comm.Split_type(MPI.COMM_TYPE_SHARED)
        device = node.rank % driver.count_devices()
        driver.use(device)
        driver.free(driver.allocate(8))
    say(
        comm.rank,
        started=library_name(),
        ranks=comm.size,
        nodes=count_hosts(comm),
        queries=answers,
        driver=f"{driver.version() // 1000}.{driver.version() % 1000 // 10}",
        device=driver.device_name(device),
    )
    return driver


def _try(comm: "MPI.Intracomm", driver: Driver, operation: Operation) -> None:
    """Try one operation with messages of all sizes. Collective over comm."""
    from hpcpy_core.awareness.trials import TRIALS, WrongDataError

    try:
        for part, trial in TRIALS[operation].items():
            for n in SIZES:
                comm.Barrier()  # so that all ranks are at the same size when one of them dies
                say(comm.rank, trying=operation, part=part, bytes=8 * n, **_name_shared())
                with device_blocks(driver) as make:
                    trial(comm, make, n)
    except NotImplementedError as error:  # on all ranks, so they are still in step
        say(comm.rank, missing=operation, why=str(error))
    except Exception as error:
        what = "wrong data" if isinstance(error, WrongDataError) else type(error).__name__
        say(comm.rank, wrong=operation, why=f"{what}: {error}")
        os._exit(1)  # the others may wait for this rank: its launcher ends them
    else:
        say(comm.rank, right=operation)


def _name_shared() -> dict[str, object]:
    """Name the shared memory that this rank uses: a crash may leave it behind."""
    shared = [path for path in list_mapped() if Path(path).parent == SHARED]
    return {"host": platform.node(), "shared": shared}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
