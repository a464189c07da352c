"""A worker's first step: take its device and compile its kernel."""

from mpi4py import MPI

from hpcpy_core.device import select_device
from hpcpy_spawn_pi.share import warm_up

__all__ = ["prepare_worker"]


def prepare_worker(comm: MPI.Intracomm, kernel: str) -> None:
    """Make a worker ready to compute. Collective over comm.

    Parameters
    ----------
    comm
        The workers: those of one node take its GPUs in turn.
    kernel
        Its name; cupy computes on a GPU.

    Raises
    ------
    InputError
        On every worker, if one cannot use what the kernel needs.
    """
    if kernel == "cupy":
        select_device("gpu", "staged", comm, gpu=True)
    warm_up(kernel)
