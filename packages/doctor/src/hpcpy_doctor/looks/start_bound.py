"""The command that starts this program with cores of its own for each rank."""

from hpcpy_core.launch import mend_launch
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.looks.vendors import find_family

__all__ = ["start_bound"]


def start_bound(first: Facts, cores: int = 1) -> str:
    """Return the command line of this launch, each rank bound to so many cores. Local.

    Parameters
    ----------
    first
        Of the process that reports.
    cores
        For each rank.
    """
    command = mend_launch(first.library_text or "", first.launcher or "", first.size)
    if first.launcher == "srun":
        return command.replace("srun ", f"srun --cpu-bind=cores --cpus-per-task={cores} ", 1)
    if find_family(first.library_text) == "MPICH":
        option = f"-bind-to core:{cores}" if cores > 1 else "-bind-to core"
    else:
        option = f"--map-by slot:PE={cores} --bind-to core"
    # An affinity mask that the launcher has inherited is as good as a binding: this undoes it.
    anywhere = f"taskset -c 0-{first.machine.processors - 1}"
    return f"{anywhere} {command.replace(' -n ', f' {option} -n ', 1)}"
