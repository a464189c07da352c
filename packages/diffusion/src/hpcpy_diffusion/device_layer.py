"""The layers between a block on a GPU and one of its neighbours, on their way to MPI."""

import numpy.typing as npt

from hpcpy_core.awareness.operations import Operation
from hpcpy_core.device import Device
from hpcpy_diffusion.field_pair import Extent, Layer
from hpcpy_diffusion.kernels.gpu.sweep import DeviceField

__all__ = ["DeviceLayer", "make_layers"]

Place = tuple[slice, slice]


class DeviceLayer:
    """What is sent toward one neighbour, and what it sends, in device memory without gaps.

    All of its methods are local, and work in CuPy's current stream.

    Parameters
    ----------
    device
        How its arrays reach MPI.
    dtype
        Of the field.
    operation
        The class of operations that the messages belong to.
    sent, received
        Their places in the padded block, of the same shape.
    """

    def __init__(
        self,
        device: Device,
        dtype: npt.DTypeLike,
        operation: Operation,
        sent: Place,
        received: Place,
    ) -> None:
        self._sent_at, self._received_at = sent, received
        shape = tuple(each.stop - each.start for each in sent)
        self._sent, self._received = (device.xp.zeros(shape, dtype) for _ in range(2))
        self._sendbuf, self._recvbuf = (
            device.transport.attach(array, operation) for array in (self._sent, self._received)
        )
        self.layer = Layer(sendbuf=self._sendbuf.message, recvbuf=self._recvbuf.message)

    def copy_out(self, field: DeviceField) -> None:
        """Begin to copy the outer layers of the block to where they are sent from."""
        self._sent[...] = field[self._sent_at]

    def hand_over(self) -> None:
        """Make the messages MPI's: to be read, and to be filled."""
        self._sendbuf.to_mpi()
        self._recvbuf.synchronize()

    def copy_in(self, field: DeviceField) -> None:
        """Begin to copy what was received into the halo."""
        self._recvbuf.from_mpi()
        field[self._received_at] = self._received


def make_layers(
    extent: Extent, axis: int, device: Device, dtype: npt.DTypeLike, operation: Operation
) -> tuple[DeviceLayer | None, DeviceLayer | None]:
    """Return the layers toward the neighbours before and after; None where nobody is. Local.

    Those of rows, axis 0, have the halo's columns in them, so that the corners come too.
    """
    begin, length = max(1, extent.halo[axis][0]), extent.inner[axis]
    before, after = extent.halo[axis]
    across = slice(0, extent.shape[1])
    if axis == 1:
        top = max(1, extent.halo[0][0])
        across = slice(top, top + extent.inner[0])

    def place(at: int, depth: int) -> Place:
        along = slice(at, at + depth)
        return (along, across) if axis == 0 else (across, along)

    def make(depth: int, sent: int, received: int) -> DeviceLayer | None:
        if not depth:
            return None
        places = place(sent, depth), place(received, depth)
        return DeviceLayer(device, dtype, operation, *places)

    end = begin + length
    return make(before, begin, begin - before), make(after, end - after, end)
