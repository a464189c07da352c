"""Two fields in the memory of a GPU, for its kernels."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hpcpy_core import cuda_driver
from hpcpy_core.awareness.operations import Operation
from hpcpy_core.device import Device
from hpcpy_core.pinned_memory import pinned_pool
from hpcpy_diffusion.device_layer import make_layers
from hpcpy_diffusion.field_pair import Extent, Layer
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.kernels.gpu.sweep import PITCH, DeviceField, Sweep
from hpcpy_diffusion.regions import find_inside, find_rims, grow, split_steps

__all__ = ["DevicePair", "pitched"]


def pitched(shape: tuple[int, int], dtype: npt.DTypeLike) -> tuple[int, int]:
    """Return the shape of a block whose rows are so long that each begins at its pitch. Local."""
    rows, columns = shape
    items = PITCH // np.dtype(dtype).itemsize
    return rows, -(-columns // items) * items


class DevicePair:
    """A `FieldPair` in device memory. Creation is local.

    The work is put into two streams: sweeps into one, the halo's copies and the rim into the
    other, so that the inside is computed while the halo is on its way. Each method that another
    rank's progress depends on waits for its stream before it returns.

    Several sweeps in a row are recorded when they come for the second time, and replayed from
    then on as one graph: on small grids to launch a kernel takes longer than the kernel.

    Parameters
    ----------
    extent
        This rank's part of the field.
    dtype, r
        Of the field, and the mesh Fourier number.
    sweep
        Made for ``extent.shape``.
    device
        The rank's GPU, and how its arrays reach MPI.
    operation
        The class of operations that the exchange's messages belong to.
    """

    conversion = "copies"
    asynchronous = True
    """The host goes on while the device computes: see `hpcpy_diffusion.march`."""

    def __init__(
        self,
        extent: Extent,
        dtype: str,
        r: float,
        sweep: Sweep,
        device: Device,
        operation: Operation,
    ) -> None:
        cupy = device.xp
        self._extent, self._r, self._sweep = extent, r, sweep
        self._parity, self._depth = 0, max(max(side) for side in extent.halo)
        self._compute, self._copies = (cupy.cuda.Stream(non_blocking=True) for _ in range(2))
        self._graphs: dict[tuple[int, int], Any] = {}
        columns = slice(extent.shape[1])
        # In the caller's stream: CuPy keeps freed memory for the stream that it was made in.
        shape = pitched(extent.shape, dtype)
        self._wholes = [cupy.zeros(shape, dtype) for _ in range(2)]
        self._fields = [whole[:, columns] for whole in self._wholes]
        self._layers = [make_layers(extent, axis, device, dtype, operation) for axis in (0, 1)]
        cupy.cuda.get_current_stream().synchronize()
        pool = pinned_pool(cuda_driver.load_driver())
        self._host = pool.lend(shape, dtype, device.ordinal or 0)
        self._host.fill(0)

    @property
    def parity(self) -> int:
        """0 or 1: which of the two fields holds the current time."""
        return self._parity

    def start(self) -> Field:
        """Return page-locked memory for the padded block, zeroed, to be filled with the start."""
        return self._host[:, : self._extent.shape[1]]

    def begin(self) -> None:
        """Copy what was filled in to the device: into both fields, whose boundaries are alike."""
        with self._compute:
            current, other = self._wholes
            current.set(self._host)
            other[...] = current
            self._compute.synchronize()

    def show(self) -> Field:
        """Return the padded block of the current time on the host, valid until the next `show`."""
        with self._compute:
            self._wholes[self._parity].get(out=self._host)
            self._compute.synchronize()
        return self.start()

    def show_part(self, *cuts: tuple[slice, ...]) -> Field:
        """Return on the host what cuts leave of the padded block: no more is copied to it.

        Each cut is of what the one before has left.
        """
        with self._compute:
            part = self._fields[self._parity]
            for cut in cuts:
                part = part[cut]
            picked: Field = part.copy().get()
        return picked

    def advance(self, steps: int) -> None:
        """Take time steps, at most as many as the halo is deep; any number without a halo."""
        with self._compute:
            self._march(steps)
            self._compute.synchronize()

    def advance_inside(self) -> None:
        """Begin as many steps as the halo is deep: what does not need it. Is not waited for."""
        inside = find_inside(self._extent, self._depth)
        if inside.size:
            with self._compute:
                self._sweep(*self._roles(), self._r, inside, self._depth)

    def advance_rim(self) -> None:
        """End these steps, the halo being there: compute the rest, and wait for all of it."""
        with self._copies:
            for rim in find_rims(self._extent, self._depth):
                self._sweep(*self._roles(), self._r, rim, self._depth)
            self._copies.synchronize()
        self._compute.synchronize()
        self._parity ^= 1

    def layers(self, parity: int, axis: int) -> tuple[Layer | None, Layer | None]:
        """Return what goes to the neighbours before and after: the same for both fields."""
        before, after = (side.layer if side else None for side in self._layers[axis])
        return before, after

    def pack(self, axis: int) -> None:
        """Copy the outer layers of the block to where they are sent from, and wait for it."""
        sides = [side for side in self._layers[axis] if side is not None]
        with self._copies:
            for side in sides:
                side.copy_out(self._fields[self._parity])
            for side in sides:
                side.hand_over()

    def unpack(self, axis: int) -> None:
        """Copy what was received into the halo, and wait for it."""
        with self._copies:
            for side in self._layers[axis]:
                if side is not None:
                    side.copy_in(self._fields[self._parity])
            self._copies.synchronize()

    def close(self) -> None:
        """Wait for both streams."""
        self._compute.synchronize()
        self._copies.synchronize()

    def _roles(self) -> tuple[DeviceField, DeviceField]:
        """Return the current field, and the one to be written."""
        return self._fields[self._parity], self._fields[self._parity ^ 1]

    def _march(self, steps: int) -> None:
        """Put the sweeps for so many steps into the current stream; record and replay them."""
        sweep = self._sweep
        sweeps = split_steps(steps, sweep.most) if sweep.regional else [steps]
        key = self._parity, steps
        if not sweep.recordable or len(sweeps) == 1:
            self._put(sweeps)
        elif key not in self._graphs:  # kernels may be compiled, which no record may contain
            self._put(sweeps)
            self._graphs[key] = None
        else:
            if self._graphs[key] is None:
                self._compute.begin_capture()
                self._put(sweeps)
                self._graphs[key] = self._compute.end_capture()
                self._parity = key[0]
            self._graphs[key].launch(self._compute)
            self._parity ^= len(sweeps) & 1

    def _put(self, sweeps: list[int]) -> None:
        left = sum(sweeps)
        for steps in sweeps:
            left -= steps
            region = grow(self._extent, left if self._sweep.regional else 0)
            if region.size:  # a rank may have no cells
                self._sweep(*self._roles(), self._r, region, steps)
            self._parity ^= 1
