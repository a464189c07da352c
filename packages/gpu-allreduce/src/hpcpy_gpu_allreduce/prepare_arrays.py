# ruff: noqa: ANN401 - an array is of any library, or whatever else the caller gave
"""The two arrays of a call: they fit together, or are the same, and are where the device is."""

from typing import Any

from mpi4py import MPI

from hpcpy_core.device import CPU, Array, Device
from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce.blocks import Block, find_block, is_on_device
from hpcpy_gpu_allreduce.staged import STAGED

__all__ = ["DIFFERENT", "STAGED_GPU", "Pair", "check_device", "find_device", "make_like", "pair_up"]

DIFFERENT = "the ranks do not reduce the same"
"""What an error says first where ranks want different things."""

Pair = tuple[Array, Array, Block]
"""What is sent, what is filled, and what either is."""

STAGED_GPU = Device(kind="gpu", reason="the array is there", transport=STAGED)
"""For device arrays of a caller who has no device of `hpcpy_core.selection.select`."""


def pair_up(sendbuf: Any, recvbuf: Any) -> Pair:
    """Return the array to send and that to fill: the same one if the call is in place. Local.

    Parameters
    ----------
    sendbuf
        An array, or MPI.IN_PLACE.
    recvbuf
        An array.

    Raises
    ------
    InputError
        If they cannot be reduced.
    """
    into = find_block(recvbuf, "recvbuf")
    if sendbuf is MPI.IN_PLACE or sendbuf is recvbuf:
        return recvbuf, recvbuf, into
    mine = find_block(sendbuf, "sendbuf")
    if (mine.shape, mine.dtype, mine.on_device) != (into.shape, into.dtype, into.on_device):
        raise InputError(
            f"sendbuf is {mine}, but recvbuf is {into}: pass arrays of the same kind, or no recvbuf"
        )
    if mine.overlaps(into):
        raise InputError(
            "sendbuf and recvbuf share a part of their memory: pass the same array for both, or "
            "arrays that share none"
        )
    same = mine.address == into.address and mine.nbytes > 0
    return (recvbuf if same else sendbuf), recvbuf, into


def find_device(array: Any) -> Device:
    """Return a device that fits an array. Local."""
    return STAGED_GPU if is_on_device(array) else CPU


def check_device(block: Block, device: Device) -> None:
    """Refuse an array that is not where the device is. Local.

    Raises
    ------
    InputError
        Says what to pass in its place.
    """
    if block.on_device == (device.kind == "gpu"):
        return
    other = (
        "array.get(), or the device of hpcpy_core.selection.select('gpu', 'auto', comm, gpu=True)"
        if block.on_device
        else "cupy.asarray(array), or hpcpy_core.device.CPU as the device"
    )
    raise InputError(
        f"the array is in {block.place} memory, but the device is {device.kind}: pass {other}"
    )


def make_like(array: Any) -> Array:
    """Return a new array for the result of one that is to be sent. Local.

    Raises
    ------
    InputError
        If that cannot be reduced.
    """
    if array is MPI.IN_PLACE:
        raise InputError("MPI.IN_PLACE needs a recvbuf: pass the array as the second argument")
    block = find_block(array, "sendbuf")
    made: Array = find_device(array).xp.empty(block.shape, block.dtype)
    return made
