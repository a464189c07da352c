"""Give every rank its GPU, and let it compute there once."""

from collections.abc import Sequence

from mpi4py import MPI

from hpcpy_core import cuda_driver
from hpcpy_core.agreement import agreed
from hpcpy_core.assign_devices import assign_own
from hpcpy_core.cuda_driver import CudaError, NoDriverError
from hpcpy_core.errors import InputError
from hpcpy_core.find_gpu import find_gpu
from hpcpy_core.places import Place

__all__ = ["take_gpus"]


def take_gpus(comm: MPI.Intracomm, ordinal: int | None = None) -> list[Place]:
    """Give the GPUs of every node to its ranks in turn. Collective over comm.

    A rank's GPU is then the current device of its thread, for the driver and for CuPy.

    Parameters
    ----------
    comm
        Any number of ranks on any number of nodes.
    ordinal
        The one that every rank takes; None gives them out.

    Returns
    -------
    list of Place
        Of all ranks, in order.

    Raises
    ------
    InputError
        On every rank, if one that sees GPUs does not see that many.
    """
    uuids, names = _list_gpus()
    node, own = assign_own(comm, uuids)
    host = MPI.Get_processor_name()
    with agreed(comm):
        if ordinal is not None and uuids:
            _require(ordinal, names, comm.rank, host)
            own = ordinal
    place = Place(
        rank=comm.rank,
        host=host,
        node=node,
        visible=len(uuids),
        ordinal=own,
        uuid="" if own is None else uuids[own],
        name="" if own is None else names[own],
        missing=find_gpu(own or 0),
    )
    return comm.allgather(place)


def _list_gpus() -> tuple[list[str], list[str]]:
    """Return UUID and name of the GPUs that this process sees. Local."""
    try:
        driver = cuda_driver.load_driver()
        ordinals = range(driver.count_devices())
        return [*map(driver.device_uuid, ordinals)], [*map(driver.device_name, ordinals)]
    except (NoDriverError, CudaError):  # find_gpu tells why
        return [], []


def _require(ordinal: int, names: Sequence[str], rank: int, host: str) -> None:
    """Refuse a GPU that is not there."""
    if ordinal >= len(names):
        last = len(names) - 1
        there = f"{len(names)} GPUs, 0 to {last}" if last else "one GPU, number 0"
        raise InputError(
            f"--device gpu:{ordinal}: rank {rank} on {host} sees {there}. "
            f"Use --device gpu:{last}, or --device gpu, which gives them out in turn"
        )
