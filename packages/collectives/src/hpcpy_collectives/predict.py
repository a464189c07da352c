"""Predict collectives at rank counts that nobody has at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hpcpy_collectives.algorithms import ALGORITHMS, Machine

__all__ = ["SIZES", "Prediction", "predict"]

SIZES = (8, 1 << 10, 1 << 15, 1 << 20)
"""Bytes of the messages that are predicted: from the shortest to those that fill the wire."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The cost of one collective at one size and number of ranks, by algorithm, in seconds."""

    collective: str
    ranks: int
    size: int
    seconds: dict[str, float]

    @property
    def cheapest(self) -> str:
        """Name of the algorithm that takes least."""
        return min(self.seconds, key=self.seconds.__getitem__)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "collective": self.collective,
            "ranks": self.ranks,
            "size": self.size,
            "seconds": self.seconds,
            "cheapest": self.cheapest,
        }


def predict(
    machine: Machine, ranks: Sequence[int], sizes: Sequence[int] = SIZES
) -> list[Prediction]:
    """Return the costs of all collectives for all ranks and sizes. Local."""
    return [
        Prediction(
            collective=collective,
            ranks=P,
            size=size,
            seconds={name: cost(machine, P, size) for name, cost in algorithms.items()},
        )
        for collective, algorithms in ALGORITHMS.items()
        for P in ranks
        for size in sizes
    ]
