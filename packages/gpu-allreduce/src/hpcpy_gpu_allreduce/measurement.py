"""What was measured of one algorithm at one size, in the terms of nccl-tests. Starts no MPI."""

from dataclasses import dataclass
from typing import Any

from hpcpy_core.sizes import format_size
from hpcpy_core.timing import Timing

__all__ = ["HEADER", "Measurement"]

HEADER = (
    f"{'size':>5s} {'algorithm':19s}{'time us':>10s}{'IQR us':>10s}"
    f"{'algbw GB/s':>11s}{'busbw GB/s':>11s}{'of copy':>8s}"
)


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One line of the benchmark.

    Attributes
    ----------
    algorithm
        Its name, or that of a ceiling: ``copy`` and, for a GPU, ``to host`` and ``to device``.
    nbytes
        S: of each rank's array.
    ranks
        n.
    timing
        Seconds of one call, each the slowest rank's.
    device_timing
        The same by the GPU's own clock; None on a CPU.
    of_copy
        How much of the bandwidth of a copy of the same size in the same run `algorithm_bandwidth`
        is.
    """

    algorithm: str
    nbytes: int
    ranks: int
    timing: Timing
    of_copy: float
    is_ceiling: bool = False
    device_timing: Timing | None = None

    def __str__(self) -> str:
        """Return a line of 80 columns under `HEADER`."""
        lower, upper = self.timing.quartiles
        microseconds = f"{1e6 * self.timing.median:10.1f}{1e6 * (upper - lower):10.1f}"
        bus = " " * 11 if self.is_ceiling else f"{1e-9 * self.bus_bandwidth:11.3g}"
        return (
            f"{format_size(self.nbytes):>5s} {self.algorithm:19s}{microseconds}"
            f"{1e-9 * self.algorithm_bandwidth:11.3g}{bus}{self.of_copy:8.3f}"
        )

    @property
    def algorithm_bandwidth(self) -> float:
        """S/t, in bytes per second."""
        return self.nbytes / self.timing.median

    @property
    def bus_bandwidth(self) -> float:
        """2 (n-1)/n S/t, in bytes per second: what each link carries at least, whatever n is."""
        return self.algorithm_bandwidth * 2 * (self.ranks - 1) / self.ranks

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for a report: seconds, bytes per second."""
        return {
            "algorithm": self.algorithm,
            "bytes": self.nbytes,
            "is_ceiling": self.is_ceiling,
            "seconds": self.timing.as_dict(),
            "device_seconds": self.device_timing and self.device_timing.as_dict(),
            "algorithm_bandwidth": self.algorithm_bandwidth,
            "bus_bandwidth": None if self.is_ceiling else self.bus_bandwidth,
            "of_copy": self.of_copy,
        }
