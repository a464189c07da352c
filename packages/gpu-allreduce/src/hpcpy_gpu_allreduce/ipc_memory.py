"""A block of every rank's device memory, in the reach of the ranks of a node that need it."""

import weakref

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.cuda_driver import CudaError, Driver
from hpcpy_core.errors import HpcpyError
from hpcpy_gpu_allreduce.ipc_handles import Exported, close_memory, export_memory, open_memory

__all__ = ["MappedMemory", "RawMemory"]

GRANULE = 2 << 20
"""Of what the driver allocates. It cuts smaller blocks from a larger one, and a handle would
give away the rest of that, too."""


class RawMemory:
    """Device memory that is of no pool, and is freed when nobody holds it. Local.

    Parameters
    ----------
    driver, device
        Where it shall be.
    nbytes
        How much of it is needed.

    Raises
    ------
    CudaError
        If the device has not got as much.
    """

    def __init__(self, driver: Driver, device: int, nbytes: int) -> None:
        self.nbytes = max(1, -(-nbytes // GRANULE)) * GRANULE
        with driver.on(device):
            self.address = driver.allocate(self.nbytes)
        freed = weakref.finalize(self, _free, driver, device, self.address)
        freed.atexit = False  # it ends with the process


class MappedMemory:
    """The blocks of all ranks: each rank owns one, and those that need them map the others.

    Making one is collective over comm.

    Parameters
    ----------
    comm
        Of one node.
    driver, device
        Of this rank.
    own
        Its block.
    needed
        Whether this rank needs the others' blocks.

    Attributes
    ----------
    addresses
        Of the blocks of all ranks, as this process sees them; empty if they were not needed.

    Raises
    ------
    HpcpyError
        On every rank, if any cannot use another's memory.
    """

    def __init__(
        self, comm: MPI.Intracomm, driver: Driver, device: int, own: RawMemory, *, needed: bool
    ) -> None:
        self._comm, self._driver, self._device = comm, driver, device
        self._opened: list[int] = []
        self.addresses: list[int] = []
        with agreed(comm), driver.on(device):
            mine = export_memory(driver, own.address)
        exported = comm.allgather(mine)
        try:
            with agreed(comm), driver.on(device):
                for rank, theirs in enumerate(exported if needed else ()):
                    there = own.address if rank == comm.rank else self._open(rank, theirs)
                    self.addresses.append(there)
        except HpcpyError:
            self.close()
            raise

    def close(self) -> None:
        """Give up what others own, so that they may free it. Collective over comm."""
        with agreed(self._comm), self._driver.on(self._device):
            while self._opened:
                close_memory(self._driver, self._opened.pop())

    def _open(self, rank: int, theirs: Exported) -> int:
        try:
            base = open_memory(self._driver, theirs.handle)
        except CudaError as error:
            raise HpcpyError(
                f"rank {self._comm.rank} cannot use the device memory of rank {rank}: {error}. "
                "Ranks in containers of their own cannot, nor can GPUs without a link: use "
                "algorithm='staged'"
            ) from error
        self._opened.append(base)
        return base + theirs.offset


def _free(driver: Driver, device: int, address: int) -> None:
    with driver.on(device):
        driver.free(address)
