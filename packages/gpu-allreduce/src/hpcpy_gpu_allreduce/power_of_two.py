"""Ranks as a power of two: those in excess hand their data to a neighbour first.

    ranks     0 1  2 3  4        5 ranks are 4 and 1 in excess
    group     0    1 2  3        rank 1 hands over to rank 0, and gets the result at the end

Positions in the group are in the order of ranks.
"""

from dataclasses import dataclass

from mpi4py import MPI

__all__ = ["PowerOfTwo"]


@dataclass(frozen=True, kw_only=True)
class PowerOfTwo:
    """Where a rank stands in the largest power of two of ranks. All of it is local.

    Parameters
    ----------
    rank, ranks
        Its rank, and how many there are.
    """

    rank: int
    ranks: int

    @property
    def size(self) -> int:
        """How many ranks take part to the end."""
        return 1 << (self.ranks.bit_length() - 1)

    @property
    def stands_by(self) -> bool:
        """Whether this rank hands its data over, and waits for the result."""
        return self._is_paired and self.rank % 2 == 1

    @property
    def partner(self) -> int:
        """The rank of the one that hands over to the other; PROC_NULL if there is none."""
        return self.rank ^ 1 if self._is_paired else MPI.PROC_NULL

    @property
    def position(self) -> int:
        """Number of this rank among those that take part; in the order of ranks."""
        return self.rank // 2 if self._is_paired else self.rank - self._excess

    def rank_of(self, position: int) -> int:
        """Return which rank has a position."""
        return 2 * position if position < self._excess else position + self._excess

    def distances(self) -> list[int]:
        """Return 1, 2, 4 ... to half of the size: between the positions that meet."""
        return [1 << step for step in range(self.size.bit_length() - 1)]

    @property
    def _excess(self) -> int:
        return self.ranks - self.size

    @property
    def _is_paired(self) -> bool:
        return self.rank < 2 * self._excess
