"""The probe: start MPI in the process that runs this, and try what programs need.

    mpiexec -n 2 python -m hpcpy_doctor.probe --to FILE [--trials p2p,allreduce]

It may crash or hang, so it is run by processes that are expendable. What it has done is in
the file, to which all of its processes append: `hpcpy_doctor.probing.story` reads it.
"""

import argparse
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from hpcpy_core.find_library import find_library
from hpcpy_core.launch import QUIET
from hpcpy_doctor.probing.spawn_one import spawn_one
from hpcpy_doctor.probing.story import FIRST, LAST, TRIALS, tell
from hpcpy_doctor.probing.trials import reduce_together, send_around, time_messages
from hpcpy_doctor.probing.write_together import write_together

__all__ = ["main"]

SECONDS = 60


def main(argv: Sequence[str] | None = None) -> int:
    """Do the stages in turn; return 0 if all of them went well. Collective over the world.

    A process in which a stage fails ends at once, since the other ranks may wait in it for
    ever: the launcher, or the alarm of each, ends them.
    """
    given = _parse(argv)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # An alarm ends a process that waits inside of MPI, even where nobody is left to do it.
    signal.alarm(given.seconds)
    plan = [*FIRST, *given.trials, *LAST]
    tell(given.to, plan[0], plan=plan)
    for stage in plan[1:]:
        began = perf_counter()
        try:
            words = STAGES[stage]() if stage in STAGES else _try(stage, given.file)
        except Exception as error:
            tell(given.to, stage, failed=f"{type(error).__name__}: {error}")
            os._exit(1)
        tell(given.to, stage, seconds=perf_counter() - began, **words)
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hpcpy_doctor.probe", description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="the file that tells how it went")
    parser.add_argument("--trials", default="p2p,allreduce", help=f"of {', '.join(TRIALS)}")
    parser.add_argument("--file", type=Path, help="for the trial of that name: it is not there yet")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="after which it ends itself")
    given = parser.parse_args(argv)
    given.trials = [name for name in given.trials.split(",") if name]
    if unknown := sorted(set(given.trials) - set(TRIALS)):
        parser.error(f"--trials {unknown[0]}: choose among {', '.join(TRIALS)}")
    if "file" in given.trials and given.file is None:
        parser.error("--trials file: name it with --file")
    return given


def _load() -> dict[str, Any]:
    import mpi4py

    mpi4py.rc.initialize = False
    mpi4py.rc.finalize = False
    from mpi4py import MPI  # noqa: F401 - to load the library

    library = find_library()
    return {"path": library.path, "text": library.text} if library else {}


def _init() -> dict[str, Any]:
    from mpi4py import MPI

    os.environ.setdefault(*QUIET)
    with warnings.catch_warnings():  # mpi4py's on a foreign launcher: the doctor has its own word
        warnings.simplefilter("ignore", RuntimeWarning)
        provided = MPI.Init_thread()
    levels = {
        MPI.THREAD_SINGLE: "single",
        MPI.THREAD_FUNNELED: "funneled",
        MPI.THREAD_SERIALIZED: "serialized",
        MPI.THREAD_MULTIPLE: "multiple",
    }
    return {"thread_level": levels[provided]}


def _look_at_world() -> dict[str, Any]:
    from mpi4py import MPI

    return {"size": MPI.COMM_WORLD.size, "rank": MPI.COMM_WORLD.rank}


def _try(trial: str, file: Path) -> dict[str, Any]:
    from mpi4py import MPI

    trials: dict[str, Callable[[MPI.Intracomm], dict[str, float] | None]] = {
        "p2p": send_around,
        "allreduce": reduce_together,
        "bandwidth": time_messages,
        "spawn": spawn_one,
        "file": lambda comm: write_together(comm, file),
    }
    return dict(trials[trial](MPI.COMM_WORLD) or {})


def _finalize() -> dict[str, Any]:
    from mpi4py import MPI

    MPI.Finalize()
    return {}


STAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "library": _load,
    "init": _init,
    "world": _look_at_world,
    "finalize": _finalize,
    "end": dict,
}
"""What is done in those that are no trials; it returns what there is to tell."""


if __name__ == "__main__":
    sys.exit(main())
