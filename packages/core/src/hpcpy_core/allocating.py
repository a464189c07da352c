"""Turn memory that runs out on some ranks into one error on all of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from mpi4py import MPI

from hpcpy_core import cuda_driver
from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device
from hpcpy_core.errors import HpcpyError
from hpcpy_core.find_gpu import is_out_of_memory
from hpcpy_core.memory import available_memory

__all__ = ["allocating"]

GIB = 2**30


@contextmanager
def allocating(comm: MPI.Intracomm, device: Device, what: str, cure: str) -> Iterator[None]:
    """Run a block that allocates arrays on a device. Collective over comm.

    A rank whose allocation fails would leave the others waiting in their next call; here
    all ranks raise the same. As in `agreed`, the block itself must not communicate over
    `comm`, and other errors are agreed on as they are.

    Parameters
    ----------
    comm
        The ranks that allocate.
    device
        Where.
    what, cure
        For the message: what needs the memory, and what to do.

    Raises
    ------
    HpcpyError
        On every rank, if the memory of any was too small: it names rank and device.
    """
    with agreed(comm):
        try:
            yield
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise HpcpyError(
                f"rank {comm.rank} on {MPI.Get_processor_name()} has no memory for {what}: "
                f"{_describe_left(device)} ({_first_line(error)}): {cure}"
            ) from error


def _describe_left(device: Device) -> str:
    """Say how much is left."""
    if device.ordinal is None:
        return f"the host has {available_memory() / GIB:.3g} GiB left"
    try:
        driver = cuda_driver.load_driver()
        with driver.on(device.ordinal):
            free, total = driver.free_memory()
    except HpcpyError:
        return f"GPU {device.ordinal} ({device.name}) does not say what is left"
    return (
        f"GPU {device.ordinal} ({device.name}) has {free / GIB:.3g} of {total / GIB:.3g} GiB left"
    )


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
