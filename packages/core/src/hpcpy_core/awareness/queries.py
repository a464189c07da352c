"""What an MPI and its environment say of device memory by themselves. None of it decides.

It is asked in the expendable job of the proof, since some of it needs MPI_Init. Importing
this starts no MPI.
"""

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hpcpy_core.find_library import list_mapped

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["WORTH", "ask_environment", "ask_library"]

ALLOC_KINDS = "mpi_memory_alloc_kinds"
SUPPORT = "MPIX_Query_cuda_support"
LOADS = "loads libcuda by itself"
ASKED = "asked for by variables"

WORTH = {
    ALLOC_KINDS: "It tells what MPI was built for and was asked for, not what works here, and "
    "MPIs that take device memory may not have it.",
    SUPPORT: "It can be 0 where messages of device memory arrive, and 1 where reductions crash.",
    LOADS: "An MPI that does not is not aware; one that does may be so in part.",
    ASKED: "These are wishes. An MPI that was built without CUDA does not hear them.",
}
"""What each answer is worth."""

WISHES = (
    *("MPICH_GPU_SUPPORT_ENABLED", "MPICH_RDMA_ENABLED_CUDA", "MPIR_CVAR_ENABLE_GPU"),
    *("I_MPI_OFFLOAD", "MV2_USE_CUDA", "MVP_USE_CUDA", "UCX_TLS", "PSM2_CUDA"),
    *("OMPI_MCA_pml", "OMPI_MCA_mtl", "OMPI_MCA_osc", "OMPI_MCA_coll", "OMPI_MCA_accelerator"),
    *("OMPI_MCA_opal_cuda_support", "OMPI_MCA_mpi_memory_alloc_kinds"),
)
"""They ask for device memory, or choose the part of MPI that moves it."""


def ask_library(library: str, comm: "MPI.Intracomm") -> dict[str, str]:
    """Return what the MPI of this process answers, after MPI_Init. Local.

    Ask before the driver is loaded by somebody else.

    Parameters
    ----------
    library
        The path of its file.
    comm
        Whose info is asked.
    """
    from mpi4py import MPI

    info = comm.Get_info()
    kinds = info.Get(ALLOC_KINDS) or "not known to this MPI"
    info.Free()
    try:
        support = str(ctypes.CDLL(library, mode=os.RTLD_NOLOAD)[SUPPORT]())
    except (OSError, AttributeError):
        support = f"{MPI.get_vendor()[0]} has no such function"
    loads = any(Path(name).name.startswith("libcuda.so") for name in list_mapped())
    return {ALLOC_KINDS: kinds, SUPPORT: support, LOADS: "yes" if loads else "no"}


def ask_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what the environment asks of MPI. Local."""
    wishes = [f"{name}={environ[name]}" for name in WISHES if name in environ]
    return {ASKED: " ".join(wishes) or "nothing"}
