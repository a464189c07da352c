"""The persistent form: everything is made ready once, for a loop."""

from typing import Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import CPU, Array, Device
from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce.agree import agree
from hpcpy_gpu_allreduce.attached import attach
from hpcpy_gpu_allreduce.blocks import Block
from hpcpy_gpu_allreduce.case import make_case
from hpcpy_gpu_allreduce.choose import choose, make
from hpcpy_gpu_allreduce.prepare_arrays import check_device, pair_up
from hpcpy_gpu_allreduce.registry import AUTO, check_name

__all__ = ["Agreement", "Allreducer"]

Agreement = Literal["always", "once"]


class Allreducer:
    """Reduces arrays of one shape and dtype, as often as wanted.

    It owns what its algorithm needs::

        with Allreducer(gradient.shape, gradient.dtype, comm) as reducer:
            for step in range(1000):
                total = reducer.reduce(gradient)

    Making one is collective over `comm`, and so are `reduce`, `free` and the end of the block.

    Parameters
    ----------
    shape, dtype
        Of each rank's array.
    comm
        The ranks.
    op
        MPI.SUM, MPI.PROD, MPI.MIN or MPI.MAX.
    algorithm
        A name from `hpcpy_gpu_allreduce.registry.ALGORITHMS`; ``auto`` takes the fastest that
        is possible here, by what ``hpcpy-gpu-allreduce tune`` has found.
    device
        Where the arrays are, and how they reach MPI.
    agreement
        ``always``: each `reduce` begins with one small allreduce, so that all ranks refuse what
        is wrong on any. ``once``: only the first does; a rank whose arrays are wrong later
        raises alone.

    Attributes
    ----------
    algorithm
        The name of the one that was chosen.

    Raises
    ------
    InputError
        On every rank, if the ranks' parameters differ, if `op` is not supported for `dtype`, or
        if the algorithm is unknown or not possible here.
    """

    def __init__(
        self,
        shape: int | tuple[int, ...],
        dtype: npt.DTypeLike,
        comm: MPI.Intracomm,
        *,
        op: MPI.Op = MPI.SUM,
        algorithm: str = AUTO,
        device: Device = CPU,
        agreement: Agreement = "always",
    ) -> None:
        attached = attach(comm)
        wish, wished, error = "", "", None
        try:
            check_name(algorithm)
            self._case = make_case(attached, shape, dtype, op, device)
            wish = f"{self._case}, algorithm {algorithm}"
            if agreement not in get_args(Agreement):
                raise InputError(f"agreement {agreement!r} is not one of always, once")
            wished = f"{wish}, agreement {agreement}"
        except Exception as found:  # agreed by all ranks in the next line
            error = found
        agree(attached.comm, wished, error)
        self.algorithm = choose(wish, algorithm, self._case, attached)
        with agreed(attached.comm):
            self._prepared = make(self.algorithm, self._case)
        self._prepared.connect()
        self._always = agreement == "always"
        self._agreed = False
        self._buffers: dict[str, Array] = {}

    @property
    def sendbuf(self) -> Array:
        """An array of this reducer's, in the memory that suits its algorithm best. Local."""
        return self._own("sendbuf")

    @property
    def recvbuf(self) -> Array:
        """Another one, which `reduce` fills if it is given none. Local."""
        return self._own("recvbuf")

    def reduce(self, sendbuf: Array | None = None, recvbuf: Array | None = None) -> Array:
        """Reduce the arrays of all ranks. Collective over the communicator.

        Parameters
        ----------
        sendbuf
            This rank's array, C-ordered, of the shape and dtype of this reducer; None is its own.
            With MPI.IN_PLACE, or with the same memory as `recvbuf`, what is there is overwritten.
        recvbuf
            What gets the result; None is this reducer's own, which the next call overwrites.

        Returns
        -------
        array
            `recvbuf`, with the same bits on all ranks.

        Raises
        ------
        InputError
            Before anything is sent, if the arrays cannot be reduced: on every rank, or on this
            one alone if agreement is ``once`` and this is not the first call.
        """
        error: Exception | None = None
        try:
            mine, into, block = pair_up(
                self.sendbuf if sendbuf is None else sendbuf,
                self.recvbuf if recvbuf is None else recvbuf,
            )
            self._check(block)
            in_place = mine is into
        except Exception as found:  # agreed by all ranks below
            error, in_place = found, False
        if self._always or not self._agreed:
            agree(self._case.comm, "in place" if in_place else "not in place", error)
            self._agreed = True
        elif error is not None:
            raise error
        if self._case.count:
            with np.errstate(all="ignore"):  # infinities and NaNs are results, as in MPI's own
                self._prepared.run(mine, into)
        return into

    def free(self) -> None:
        """Give back buffers, handles and streams. Collective over the communicator."""
        self._buffers.clear()
        self._prepared.free()

    def __enter__(self) -> Self:
        """Return this reducer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, _: object) -> None:
        """Free it, unless an error has parted the ranks: then the others may never come."""
        if kind is None or getattr(error, "agreed", False):
            self.free()

    def _own(self, name: str) -> Array:
        if name not in self._buffers:
            self._buffers[name] = self._prepared.make_buffer()
        return self._buffers[name]

    def _check(self, block: Block) -> None:
        """Refuse arrays that this reducer was not made for. Local."""
        case = self._case
        check_device(block, case.device)
        if (block.shape, block.dtype) != (case.shape, case.dtype):
            raise InputError(
                f"the arrays are {block}, but this Allreducer is for {case.dtype} of shape "
                f"{case.shape}: make another one for them"
            )
