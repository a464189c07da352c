"""What is known of one operation at one size. Starts no MPI."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from hpcpy_collectives.operations import Api

__all__ = ["Measurement"]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The figures of one operation at one size, in `unit`: s per iteration, or B/s.

    average, minimum and maximum are those over the ranks of each one's mean over
    all iterations, as OSU gives them; median and quartiles are those over the
    blocks, of the slowest rank's mean in each.
    """

    op: str
    api: Api
    size: int
    unit: Literal["s", "B/s"]
    average: float
    minimum: float
    maximum: float
    median: float
    lower_quartile: float
    upper_quartile: float
    iterations: int
    blocks: int
    verified: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for a report."""
        return asdict(self)
