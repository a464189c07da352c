"""Move more than 2^31 items in one message.

Since MPI 4.0 a count may exceed 2^31 - 1, the largest int of C; an older MPI,
such as Open MPI 5.0, refuses it with MPI_ERR_ARG. There a contiguous datatype
of a whole block makes the count small again. Get_elements says how long the
message was; Get_count has no answer where that is beyond an int.

What is received needs its memory, 2 GiB on one rank. The sender gets away with
one block: a datatype of extent 0 sends the same memory again and again, which
MPI forbids for receiving.
"""

from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_core.memory import available_memory

__all__ = ["large_counts"]

BLOCK = 2**20
BLOCKS = 2**11 + 1


def large_counts(comm: MPI.Intracomm, device: Device, blocks: int = BLOCKS) -> Result:
    """Send 2^31 + 2^20 bytes from rank 0 to the last rank. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 sends and the last rank receives; a single rank sends to itself,
        and the ranks between sit out.
    device
        Where the arrays live.
    blocks
        How many blocks of 2^20 bytes the message has. It is one block, and the
        lines say so, where the receiver has not the memory for all.

    Returns
    -------
    Result
        Correct on the receiver where all bytes came, and each is the sender's.
    """
    xp, transport = device.xp, device.transport
    source, dest = 0, comm.size - 1
    fits = comm.bcast(available_memory() > 1.25 * blocks * BLOCK, root=dest)
    count = blocks if fits else 1
    if comm.rank not in (source, dest):
        return Result(lines=("sits out",), correct=True)

    block = xp.arange(BLOCK, dtype="uint8")  # begins again at 0 after 255
    items = xp.empty(count * BLOCK if comm.rank == dest else 0, dtype="uint8")
    receiving, status = MPI.REQUEST_NULL, MPI.Status()
    # The MPI that mpi4py was built for, and the one it has found here.
    large = min(MPI.VERSION, MPI.Get_version()[0]) >= 4
    contiguous = MPI.BYTE.Create_contiguous(BLOCK)
    with (
        committed(contiguous) as whole,
        committed(contiguous.Create_resized(0, 0)) as again,
        transport.sendbuf(block, "datatype") as sendbuf,
        transport.recvbuf(items, "datatype") as recvbuf,
    ):
        many = [recvbuf, recvbuf.size, MPI.BYTE] if large else [recvbuf, count, whole]
        if comm.rank == dest:
            receiving = comm.Irecv(many, source=source)
        if comm.rank == source:
            comm.Send([sendbuf, count, again], dest=dest)
        receiving.Wait(status)
    if comm.rank != dest:
        return Result(lines=(f"sent the same {BLOCK} bytes {count} times",), correct=True)

    received = status.Get_elements(MPI.BYTE)
    wrong = sum(not xp.array_equal(part, block) for part in items.reshape(-1, BLOCK))
    lines = [f"received {received} bytes, with the count {many[1]}"]
    if not fits:
        lines.append(f"left out: {blocks * BLOCK} bytes, for which there is too little memory")
    return Result(
        lines=tuple(lines),
        correct=received == count * BLOCK and wrong == 0,
        expected=f"expected {count * BLOCK} bytes, got {received} with {wrong} wrong blocks",
    )
