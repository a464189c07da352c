"""``ipc``: a rank reads and writes the device memory of all of its node; no message carries data.

    rank    0       1       2       3
            a0 b0   a1 b1   a2 b2   a3 b3   inputs, in memory that one rank has mapped
            |       |       |       |
            +-------+-------+-------+       one kernel of the lowest rank on the GPU reads every
            |       |       |       |       input, and writes every output
            a b     a b     a b     a b

P ranks on one GPU take turns on it, so P kernels are no faster than one, and a ring of them would
read and write everything several times. One kernel moves the least that there is to move: P S
bytes read and P S written, where S is the size of an array, so a copy's bandwidth (bytes read and
written) over 2 P is its ceiling. Where the ranks have several GPUs, the lowest rank on each
reduces an equal part of the items.

Few bytes wait for other things: a rank waits for its stream, for the other ranks, for the launch
and the end of the kernel, and for the other ranks again. The host does the waiting: a kernel that
waits for another process's may keep it from running.

Only memory of its own is mapped, for a pool may free its memory while other ranks use it: room for
the two arrays of `make_buffer`, and for one copy. Arrays that are not of `make_buffer` are copied
in and out, on the device, which is up to 2 S bytes more to read on each rank, and to write.
"""

import ctypes

import numpy as np

from hpcpy_core.agreement import agreed, raise_on_all
from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.ipc_memory import MappedMemory, RawMemory
from hpcpy_gpu_allreduce.ipc_part import find_part
from hpcpy_gpu_allreduce.on_device_array import address_of, find_ordinal, stream_of, view_memory
from hpcpy_gpu_allreduce.on_device_reduce import MOST_INPUTS, launch_reduce

__all__ = ["Ipc"]

ALIGNMENT = 256
FAILED = -1


class Ipc(Algorithm):
    """One kernel on each GPU, over the memory of all ranks of a node.

    The items are combined in the order of ranks: the result is the same on all of them and in
    every run, and the same bits as NumPy's in that order (float16 is combined in float32).

    Attributes
    ----------
    copied
        Bytes that this rank has copied so far, because arrays were not of `make_buffer`.
    """

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.copied = 0
        self._driver = load_driver()
        self._device = find_ordinal(case.device, self._driver)
        step = -(-case.nbytes // ALIGNMENT) * ALIGNMENT
        self._own = RawMemory(self._driver, self._device, 3 * step)
        self._room, *self._for_buffers = (0, step, 2 * step)
        self._given: list[int] = []
        self._offsets = np.empty((case.comm.size, 2), np.int64)

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse host arrays, several nodes, and more ranks than the kernel reads."""
        if case.device.kind != "gpu":
            return "it needs a GPU, and the arrays are in host memory"
        if case.nodes > 1:
            return f"device memory is shared inside a node, and the ranks are on {case.nodes}"
        if case.comm.size > MOST_INPUTS:
            return f"its kernel reads {MOST_INPUTS} arrays at most, not {case.comm.size}"
        return None

    def connect(self) -> None:
        """Share the work among the GPUs, and map the memory of all ranks where it is done."""
        comm, driver = self.case.comm, self._driver
        self._part = find_part(self.case, comm.allgather(driver.device_uuid(self._device)))
        self._works = self._part.start < self._part.stop
        self._memory = MappedMemory(comm, driver, self._device, self._own, needed=self._works)

    def make_buffer(self) -> Array:
        """Return an array that need not be copied, twice; others are of CuPy's pool. Local.

        The memory is there as long as the arrays are, also after `free`.
        """
        if not self._for_buffers:
            return super().make_buffer()
        case, offset = self.case, self._for_buffers.pop(0)
        self._given.append(offset)
        with self._driver.on(self._device):
            return view_memory(case.device, self._own, offset, case.shape, case.dtype)

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Wait for all inputs, let the lowest rank on each GPU reduce, wait for all outputs."""
        stream = stream_of(recvbuf)
        with self._driver.on(self._device):
            self._enter(sendbuf, recvbuf, stream)
            with agreed(self.case.comm):
                if self._works:
                    self._reduce(self._part, stream)
                    self._driver.synchronize(stream)
            if self._offset_of(recvbuf) is None:
                self._copy(address_of(recvbuf), self._own.address + self._room, stream)
                self._driver.synchronize(stream)  # what comes next may come in another stream

    def free(self) -> None:
        """Unmap what belongs to other ranks. Collective over case.comm."""
        self._memory.close()

    def _enter(self, sendbuf: Array, recvbuf: Array, stream: int) -> None:
        """Make this rank's input ready, and learn where all inputs and outputs are."""
        mine, error = np.full(2, FAILED, np.int64), None
        try:
            mine[:] = self._bring(sendbuf, recvbuf, stream)
        except Exception as caught:  # agreed by all ranks below
            error = caught
        self.case.comm.Allgather(mine, self._offsets)
        if (self._offsets == FAILED).any():
            raise_on_all(self.case.comm, error)

    def _bring(self, sendbuf: Array, recvbuf: Array, stream: int) -> tuple[int, int]:
        """Return where input and output are in this rank's block, once the input is there."""
        source, target = self._offset_of(sendbuf), self._offset_of(recvbuf)
        target = self._room if target is None else target
        made_in = stream_of(sendbuf)
        if made_in != stream:
            self._driver.synchronize(made_in)
        if source is None:
            source = target
            self._copy(self._own.address + source, address_of(sendbuf), stream)
        self._driver.synchronize(stream)
        return source, target

    def _reduce(self, part: slice, stream: int) -> None:
        """Launch the kernel for a part of all arrays' items."""
        skipped = part.start * self.case.dtype.itemsize
        begins = np.array(self._memory.addresses)[:, np.newaxis] + self._offsets + skipped
        inputs, outputs = begins.T.tolist()
        count, name = part.stop - part.start, self.case.reduction.name
        launch_reduce(inputs, outputs, count, self.case.dtype, name, stream)

    def _offset_of(self, array: Array) -> int | None:
        """Return where an array of `make_buffer` is in this rank's block; None for others."""
        offset = address_of(array) - self._own.address
        return offset if offset in self._given else None

    def _copy(self, to: int, source: int, stream: int) -> None:
        nbytes = self.case.nbytes
        addresses = (ctypes.c_uint64(to), ctypes.c_uint64(source))
        size, queue = ctypes.c_size_t(nbytes), ctypes.c_void_p(stream)
        self._driver.call("cuMemcpyDtoDAsync_v2", *addresses, size, queue)
        self.copied += nbytes
