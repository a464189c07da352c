"""A field in the lane-split layout, and its way through time."""

import functools
from concurrent.futures import ThreadPoolExecutor
from math import prod

import numpy as np
import numpy.typing as npt

from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.kernels.lanes.choose_tile import choose_tile
from hpcpy_diffusion.kernels.lanes.layout import LaneLayout, Lanes, from_lanes, to_lanes
from hpcpy_diffusion.kernels.lanes.march_rows import march_rows
from hpcpy_diffusion.kernels.lanes.progress import COUNTERS_APART

__all__ = ["LaneField"]

COUNTER_BYTES = COUNTERS_APART * 8


class LaneField:
    """One field of m x k cells with zeros all around. All of its methods are local.

    Parameters
    ----------
    shape
        Of the field, without its boundary.
    dtype, r
        Of the field, and its mesh Fourier number.
    halo
        For the first and the last rows, whether they are a neighbour's. Of such rows one
        more goes stale at every step.
    depth
        Steps that must be possible in one pass.
    threads
        That share a pass, in this process.
    member, memory
        Where several processes share a pass: which one this is, how many there are, and their
        common memory, zeroed, `nbytes` long for the same arguments.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        dtype: np.dtype[np.floating],
        r: float,
        *,
        halo: tuple[bool, bool] = (False, False),
        depth: int = 1,
        threads: int = 1,
        member: tuple[int, int] | None = None,
        memory: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        self.shape, self._halo = shape, (int(halo[0]), int(halo[1]))
        self.layout = LaneLayout(columns=shape[1], dtype=dtype)
        self._member, self._threads = member or (0, 1), threads
        team = threads * self._member[1]
        steps, block = choose_tile(self.layout, team)
        self._tile = (max(steps, depth), block)
        if memory is None:
            self._lanes = self.layout.zeros(self._places)
            self._counters = np.zeros(team * COUNTERS_APART, dtype=np.int64)
        else:
            counters = memory[: team * COUNTER_BYTES]
            self._counters = counters.view(np.int64)
            lanes = memory[_whole_pages(counters.nbytes) :][: self.layout.bytes(self._places)]
            self._lanes = self.layout.in_memory(lanes, self._places)
        self._top, self._count = self._tile[0], 0
        scalar = self.layout.dtype.type
        self._numbers = (scalar(1 - 4 * r), scalar(r), scalar(1), scalar(0))
        self._pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    @staticmethod
    def nbytes(shape: tuple[int, int], dtype: np.dtype[np.floating], team: int) -> int:
        """Return the size of the common memory of so many processes."""
        layout = LaneLayout(columns=shape[1], dtype=dtype)
        steps, _ = choose_tile(layout, team)
        return _whole_pages(team * COUNTER_BYTES) + layout.bytes(_count_places(shape[0], steps))

    def rows(self, first: int, stop: int) -> Lanes:
        """Return rows of the current time, without what is between them, until `advance`."""
        at = 1 + self._top
        return self._lanes[at + first : at + stop, : self.layout.vectors]

    def write(self, plain: Field, first: int = 0) -> None:
        """Take rows for those from `first` on."""
        if plain.size:
            to_lanes(plain, self.rows(first, first + plain.shape[0]))

    def read(self, plain: Field, first: int = 0) -> None:
        """Write the rows from `first` on into an array."""
        if plain.size:
            from_lanes(self.rows(first, first + plain.shape[0]), plain)

    def advance(self, steps: int) -> None:
        """Take time steps; all processes that share the field at the same time."""
        if not prod(self.shape):
            return
        me, size = self._member
        march = functools.partial(
            march_rows,
            *(self._lanes, self._top, self.shape[0], self._halo, steps, self._tile),
            *((self.layout.vectors, self.layout.dead), self._numbers, self._counters),
        )
        teams = [
            (me * self._threads + thread, size * self._threads) for thread in range(self._threads)
        ]
        others = [self._pool.submit(march, team, self._count) for team in teams[1:] if self._pool]
        self._top, self._count = march(teams[0], self._count)
        for other in others:
            other.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    @property
    def _places(self) -> int:
        return _count_places(self.shape[0], self._tile[0])


def _count_places(rows: int, steps: int) -> int:
    """Return the rows of memory: a pass moves the field, which has a row of zeros on each side."""
    return rows + steps + 2


def _whole_pages(nbytes: int) -> int:
    return -(-nbytes // 4096) * 4096
