"""What a process of the launch knows of itself: plain values, which travel as JSON."""

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import time

from hpcpy_core.find_library import find_library
from hpcpy_core.launch import read_announcement
from hpcpy_core.masking import mask_value
from hpcpy_core.report import describe_run
from hpcpy_doctor.looks.machine import Machine, look_at_machine
from hpcpy_doctor.looks.namespaces import read_namespaces

__all__ = ["Facts", "collect_facts"]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Of one process.

    Attributes
    ----------
    host, pid
        Which process this is.
    launcher, variable, size, rank
        What the launcher announced, and by which variable; without a launcher None, None, 1, 0.
    library_path, library_text
        The MPI library that mpi4py would load here: its file, and what it calls itself;
        None if it can load none.
    cores
        Of the affinity mask: their numbers, in order.
    clock, written
        Seconds since 1970, just before the facts were written for the process that reports, and
        as the file system has it on which they were written; None if they were not.
    python, versions
        The interpreter, and the versions of it and of the packages that matter here, by name.
    folder
        The working directory; empty if it was removed, or may not be entered.
    machine
        What may differ between machines.
    namespaces
        Those of the kernel, by their kinds.
    environ
        The variables of MPI, launchers, batch systems, threads, containers and GPUs; of a
        credential only the name.
    """

    host: str
    pid: int
    launcher: str | None
    variable: str | None
    size: int
    rank: int
    library_path: str | None
    library_text: str | None
    cores: tuple[int, ...]
    clock: float
    python: str
    versions: Mapping[str, str]
    folder: str
    machine: Machine = field(repr=False)
    namespaces: Mapping[str, str] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    written: float | None = None


TOLD = (
    *("MPI4PY_", "MPI_", "PMI", "OMPI_", "OPAL_", "PRTE_", "HYDI_", "HYDRA_", "MPIR_", "MPICH_"),
    *("I_MPI_", "FI_", "UCX_", "SLURM_", "PBS_", "LSB_", "PALS_", "OMP_", "OPENBLAS_", "MKL_"),
    *("NUMBA_", "NUMEXPR_", "CUDA_", "NVIDIA_", "CUPY_", "NCCL_", "APPTAINER_", "SINGULARITY_"),
    *("HPCPY_", "LD_LIBRARY_PATH", "LD_PRELOAD", "PATH", "VIRTUAL_ENV", "CONDA_"),
    *("PYTHONPATH", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "TMPDIR", "HOME", "container"),
    *("CH_RUNNING", "SHIFTER_RUNTIME"),
)
"""Beginnings of the variables that tell something; no other leaves the process."""


def collect_facts(environ: Mapping[str, str] = os.environ) -> Facts:
    """Look around, without starting MPI. Local; takes as long as to load the MPI library."""
    announcement = read_announcement(environ)
    library = find_library()
    return Facts(
        host=socket.gethostname(),
        pid=os.getpid(),
        launcher=announcement.launcher if announcement else None,
        variable=announcement.variable if announcement else None,
        size=announcement.size if announcement else 1,
        rank=announcement.rank if announcement else 0,
        library_path=library.path if library else None,
        library_text=library.text if library else None,
        cores=tuple(sorted(os.sched_getaffinity(0))),
        clock=time(),
        python=sys.executable,
        versions=describe_run("hpcpy-doctor")["versions"],
        folder=_find_folder(),
        machine=look_at_machine(),
        namespaces=read_namespaces(),
        environ={
            name: mask_value(name, value)
            for name, value in environ.items()
            if name.startswith(TOLD)
        },
    )


def _find_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return ""
