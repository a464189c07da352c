"""Try something in a job of its own, or say why that cannot be done."""

import sys
from collections.abc import Callable
from pathlib import Path

from hpcpy_core.errors import InputError
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.probing.cures import mend_launcher
from hpcpy_doctor.probing.run_probe import Outcome
from hpcpy_doctor.probing.story import FIRST

__all__ = ["NOT_TRIED", "try_in_job"]

NOT_TRIED = Kind(
    id="not-tried",
    level="note",
    title="Something was not tried, since no MPI job can be started for it",
    cause="What may crash or hang is tried in a job of its own, and no such job starts here.",
    cure="{cure}",
    example="/path/to/env/bin/hpcpy-doctor --only mpi_jobs",
    text="The active checks start small jobs with the mpiexec of the library that mpi4py loads. "
    "Where there is no library or no mpiexec, or MPI_Init fails in the first of these jobs, "
    "nothing can be tried: mend that first. Where srun is the only launcher, the doctor's words "
    "on the launch that it runs in (`srun -n 2 hpcpy-doctor`) tell as much. `HPCPY_MPIEXEC` "
    "names an mpiexec.",
)


def try_in_job(
    what: str, facts: Facts, job: Callable[[], Outcome], *, about_start: bool = False
) -> Outcome | Finding:
    """Return what came of a job, or a finding if it could not be tried. Local.

    Parameters
    ----------
    what
        Was to be tried, for the reader: ``MPI_Comm_spawn``.
    facts
        Of this process.
    job
        Runs the probe.
    about_start
        Whether a job that does not come as far as a trial has been tried nevertheless.
    """
    if facts.library_path is None:
        said, cure = "mpi4py loads no MPI library", _only("mpi_library")
    else:
        try:
            outcome = job()
        except InputError as error:
            said, cure = str(error), mend_launcher(facts)
        except OSError as error:
            said, cure = f"no folder for temporary files: {error}", "export TMPDIR=$HOME"
        else:
            if about_start or outcome.stopped_in not in FIRST:
                return outcome
            said, cure = (
                f"its job stops before that, in the stage {outcome.stopped_in}",
                _only("mpi_jobs"),
            )
    return NOT_TRIED.found(f"{what}: {said}", cure=cure)


def _only(check: str) -> str:
    return f"{Path(sys.executable).with_name('hpcpy-doctor')} --only {check}"
