"""What is known of one layout, API and operation."""

from dataclasses import dataclass
from typing import Any

from hpcpy_core.timing import Timing
from hpcpy_mpiio.benchmark.access import CALLS, Api, Operation
from hpcpy_mpiio.benchmark.layouts import Layout
from hpcpy_mpiio.benchmark.transfer import Phases

__all__ = ["Measurement"]

PHASES = ("open", "transfer", "sync", "close", "total")


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The repeats of one case.

    Attributes
    ----------
    layout, api, operation
        The case.
    transfer
        Bytes of one call.
    repeats
        Each is the slowest rank's.
    source
        Whose speed it is: that of the disk, or of the page cache and why.
    cached
        Whether it is the page cache's.
    """

    layout: Layout
    api: Api
    operation: Operation
    transfer: int
    repeats: tuple[Phases, ...]
    source: str
    cached: bool

    def timing(self, phase: str = "total") -> Timing:
        """Return the seconds of one phase, or of all."""
        return Timing(seconds=tuple(getattr(repeat, phase) for repeat in self.repeats))

    def bandwidth(self, seconds: float) -> float:
        """Return bytes per second of the whole file."""
        return self.layout.nbytes / seconds

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for a report: bytes, seconds, bytes per second."""
        total = self.timing()
        fastest, slowest = total.quartiles
        block = self.layout.decomposition.owned(0)
        return {
            "layout": self.layout.name,
            "api": self.api,
            "operation": self.operation,
            "call": CALLS[self.operation, self.api],
            "bytes": self.layout.nbytes,
            "shape": list(self.layout.decomposition.shape),
            "block_shape": list(block.shape),
            "run_bytes": self.layout.run_bytes,
            "transfer_bytes": self.transfer,
            "cached": self.cached,
            "source": self.source,
            "bytes_per_second": {
                "median": self.bandwidth(total.median),
                "lower_quartile": self.bandwidth(slowest),
                "upper_quartile": self.bandwidth(fastest),
                "best": self.bandwidth(total.minimum),
            },
            "seconds": {phase: self.timing(phase).as_dict() for phase in PHASES},
            "hints": self.repeats[-1].hints,
        }
