"""``allreduce``: one call, checked, for arrays of NumPy and CuPy."""

from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_core.agree import agree
from hpcpy_core.agreement import agreed
from hpcpy_core.device import Array, Device
from hpcpy_gpu_allreduce.attached import attach
from hpcpy_gpu_allreduce.case import make_case
from hpcpy_gpu_allreduce.choose import choose, make
from hpcpy_gpu_allreduce.prepare_arrays import (
    DIFFERENT,
    check_device,
    find_device,
    make_like,
    pair_up,
)
from hpcpy_gpu_allreduce.registry import AUTO, check_name

__all__ = ["allreduce"]


def allreduce(
    sendbuf: Any,  # noqa: ANN401 - an array, or MPI.IN_PLACE
    recvbuf: Array | None = None,
    op: MPI.Op = MPI.SUM,
    *,
    comm: MPI.Intracomm,
    algorithm: str = AUTO,
    device: Device | None = None,
) -> Array:
    """Reduce the arrays of all ranks, and give the result to all. Collective over comm.

    For a loop there is `Allreducer`, which makes everything ready once.

    Parameters
    ----------
    sendbuf
        This rank's array, C-ordered, of NumPy or in device memory; of any numeric dtype of
        8 bits to 16 bytes. With MPI.IN_PLACE, or with the same memory as `recvbuf`, what is
        there is overwritten.
    recvbuf
        What gets the result; None makes a new array.
    op
        MPI.SUM, MPI.PROD, MPI.MIN or MPI.MAX.
    comm
        The ranks. All pass arrays of one shape and dtype.
    algorithm
        A name from `hpcpy_gpu_allreduce.registry.ALGORITHMS`, or ``auto``.
    device
        Where the arrays are, and how they reach MPI; None takes that of the array, and stages
        device arrays through host memory.

    Returns
    -------
    array
        `recvbuf`, with the same bits on all ranks, and in every run with as many of them.

    Raises
    ------
    InputError
        On every rank, before anything is sent: names the ranks, the cause and what mends it.
    """
    attached = attach(comm)
    in_place = False
    wish, error, prepared = "", None, None
    try:
        check_name(algorithm)
        filled = make_like(sendbuf) if recvbuf is None else recvbuf
        mine, into, block = pair_up(sendbuf, filled)
        in_place = mine is into
        device = find_device(into) if device is None else device
        check_device(block, device)
        case = make_case(attached, block.shape, block.dtype, op, device)
        wish = f"{case}, algorithm {algorithm}"
        if wish in attached.choices:  # then it need not be agreed that all could make it
            prepared = make(attached.choices[wish], case)
    except Exception as found:  # agreed by all ranks in the next line
        error = found
    wishes = f"{wish}{', in place' if in_place else ''}"
    agree(attached.comm, wishes, error, what=DIFFERENT)
    if prepared is None:
        name = choose(wish, algorithm, case, attached)
        with agreed(attached.comm):
            prepared = make(name, case)
    if case.count:
        prepared.connect()
        with np.errstate(all="ignore"):  # infinities and NaNs are results, as in MPI's own
            prepared.run(mine, into)
        prepared.free()
    return into
