"""What the probe tries once MPI is initialised, with values that are checked.

Without numpy, whose import takes longer than all of it.
"""

from array import array
from math import inf
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["WrongValuesError", "count_loopback", "reduce_together", "send_around", "time_messages"]

LENGTHS = (1, 1000, 100_000)
"""Items: MPIs send short, middling and long messages in different ways."""

CODES = {"i": "int32", "q": "int64", "f": "float32", "d": "float64"}

BYTES = 4 * 2**20
"""Of a timed message: far beyond what goes through MPI's own buffers."""

TURNS = 5


class WrongValuesError(Exception):
    """What arrived is not what was sent."""


def send_around(comm: "MPI.Intracomm") -> None:
    """Send to the next rank what the one before sends here. Collective over comm.

    Raises
    ------
    WrongValuesError
        On a rank that got other values.
    """
    before, after = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    for n in LENGTHS:
        got = array("d", [-1.0]) * n
        comm.Sendrecv(array("d", [comm.rank + 0.25]) * n, after, 7, got, before, 7)
        _compare(got, before + 0.25, f"a message of {n} float64 from rank {before}")


def reduce_together(comm: "MPI.Intracomm") -> None:
    """Sum numbers of several types over all ranks. Collective over comm.

    Raises
    ------
    WrongValuesError
        On a rank that got other sums.
    """
    total = comm.size * (comm.size + 1) // 2
    for code, name in CODES.items():
        for n in LENGTHS:
            got = array(code, [0]) * n
            comm.Allreduce(array(code, [comm.rank + 1]) * n, got)
            _compare(got, total, f"Allreduce of {n} {name} over {comm.size} ranks")


def time_messages(comm: "MPI.Intracomm") -> dict[str, float]:
    """Measure messages to and fro between ranks 0 and 1, and a copy. Collective over comm.

    Returns
    -------
    dict
        On rank 0, the best of some: ``latency`` of a message of 8 B in seconds; ``messages`` of
        4 MiB and a ``copy`` of as many in this process, in B/s; and ``loopback``, the bytes that
        went through this machine's network interface to itself, as a part of those sent: 0
        for shared memory. On other ranks, and where there is only one, nothing.
    """
    if comm.size < 2 or comm.rank > 1:
        return {}
    before = count_loopback()
    short = long = inf
    for _ in range(TURNS):  # since another process may hold a core for a while
        short = min(short, _time_round_trip(comm, 8, 100))
        long = min(long, _time_round_trip(comm, BYTES, 2))
    if comm.rank == 1:
        comm.Recv(bytearray(1), 0, 9)
        return {}
    loopback = (count_loopback() - before) / (TURNS * 2 * 2 * BYTES)
    copy = _time_copy()  # while the other rank waits, as it did when it was sent to
    comm.Send(bytearray(1), 1, 9)
    speeds = {"latency": short / 2, "messages": 2 * BYTES / long, "copy": BYTES / copy}
    return {**speeds, "loopback": loopback}


def count_loopback(interfaces: Path = Path("/proc/net/dev")) -> int:
    """Return how many bytes have gone through the loopback interface so far. Local.

    What one process of a machine sends to another goes there, whatever the address. 0 where the
    system does not tell.
    """
    try:
        lines = interfaces.read_text().splitlines()
    except OSError:
        return 0
    found = (line.split(":")[1] for line in lines if line.strip().startswith("lo:"))
    return sum(int(numbers.split()[0]) for numbers in found)


def _time_round_trip(comm: "MPI.Intracomm", nbytes: int, repeats: int) -> float:
    """Return the least seconds of a message to and fro. Collective over ranks 0 and 1."""
    ours, theirs = bytearray(b"\1" * nbytes), bytearray(b"\1" * nbytes)
    other = 1 - comm.rank
    best = inf
    for _ in range(repeats):
        began = perf_counter()
        if comm.rank == 0:
            comm.Send(ours, other, 8)
        comm.Recv(theirs, other, 8)
        if comm.rank == 1:
            comm.Send(ours, other, 8)
        best = min(best, perf_counter() - began)
    return best


def _time_copy() -> float:
    source, target = bytearray(b"\1" * BYTES), bytearray(b"\1" * BYTES)
    best = inf
    for _ in range(2 * TURNS):
        began = perf_counter()
        target[:] = source
        best = min(best, perf_counter() - began)
    return best


def _compare(got: "array[Any]", wanted: float, what: str) -> None:
    if got.tobytes() == (array(got.typecode, [wanted]) * len(got)).tobytes():
        return
    wrong = next(index for index, value in enumerate(got) if value != wanted)
    raise WrongValuesError(f"{what}: item {wrong} is {got[wrong]}, and should be {wanted}")
