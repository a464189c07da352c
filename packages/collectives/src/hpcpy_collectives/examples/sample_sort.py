"""Sort values that are spread over all ranks: sample sort with Alltoallv.

Every rank sorts its own values and shows a regular sample of them. From all
samples come size - 1 splitters, which cut the values into one range per rank.
The ranks exchange their values so that each has its range, and sort again. No
rank ever holds all values. Where the ranks begin with equally many, none ends
with more than about twice its share, unless one value occurs very often
(Shi and Schaeffer, Parallel Sorting by Regular Sampling, 1992).
"""

from mpi4py import MPI

from hpcpy_core.device import Array, Device
from hpcpy_core.examples import Result

__all__ = ["sample_sort", "sort"]

SEED, ITEMS = 5, 1000


def sample_sort(comm: MPI.Intracomm, device: Device) -> Result:
    """Sort random values of all ranks. Collective over comm.

    Parameters
    ----------
    comm
        Each rank draws 1000 values.
    device
        Where the arrays live and are sorted.

    Returns
    -------
    Result
        Correct where the values are this rank's stretch of what a serial sort
        makes of all values.
    """
    xp = device.xp

    def draw(rank: int) -> Array:
        drawn: Array = xp.random.default_rng([SEED, rank]).random(ITEMS)
        return drawn

    mine = sort(comm, device, draw(comm.rank))

    sizes = comm.allgather(mine.size)
    start = sum(sizes[: comm.rank])
    everything = xp.sort(xp.concatenate([draw(rank) for rank in range(comm.size)]))
    expected = everything[start : start + mine.size]
    right = sum(sizes) == everything.size and bool(xp.array_equal(mine, expected))
    span = f", {mine[0]:.4f} to {mine[-1]:.4f}" if mine.size else ""
    return Result(
        lines=(f"has {mine.size} of {sum(sizes)} values{span}",),
        correct=right,
        expected=f"expected {everything.size} values, here {expected}, got {sum(sizes)}, {mine}",
    )


def sort(comm: MPI.Intracomm, device: Device, values: Array) -> Array:
    """Sort the values of all ranks; lower ranks get the lower ones. Collective over comm.

    Parameters
    ----------
    comm
        Each rank has any number of values, none included.
    device
        Where the values live.
    values
        This rank's: one axis, the same type on all ranks.

    Returns
    -------
    Array
        This rank's range, sorted; how many those are depends on all values.
    """
    xp, transport = device.xp, device.transport
    values = xp.sort(values)

    sample = values[:: max(1, values.size // comm.size)].tolist()
    samples = [value for some in comm.allgather(sample) for value in some] or [0]
    candidates = xp.sort(xp.asarray(samples, dtype=values.dtype))
    splitters = candidates[[i * candidates.size // comm.size for i in range(1, comm.size)]]

    ends = xp.searchsorted(values, splitters, side="right")
    sendcounts = xp.diff(ends, prepend=0, append=values.size).tolist()
    recvcounts = comm.alltoall(sendcounts)
    received = xp.empty(sum(recvcounts), dtype=values.dtype)
    with (
        transport.sendbuf(values, "gather") as sendbuf,
        transport.recvbuf(received, "gather") as recvbuf,
    ):
        comm.Alltoallv([sendbuf, sendcounts], [recvbuf, recvcounts])
    ranged: Array = xp.sort(received)
    return ranged
