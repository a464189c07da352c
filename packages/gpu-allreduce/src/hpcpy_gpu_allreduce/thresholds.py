"""Which algorithm for which size: the table that ``auto`` looks into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpcpy_gpu_allreduce.case import Case

__all__ = ["DEFAULTS", "FALLBACKS", "Row", "Thresholds"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """An algorithm, and the number of bytes up to which it is taken."""

    upto: float
    algorithm: str


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Rows of growing size, of which the last has no end; and where they are from."""

    rows: Sequence[Row]
    origin: str

    def candidates(self, case: "Case") -> Iterator[str]:
        """Yield algorithms for a case, best first; the last one is always possible. Local."""
        yield next(row.algorithm for row in self.rows if case.nbytes <= row.upto)
        yield from FALLBACKS[case.device.kind]


DEFAULTS = {
    "cpu": Thresholds(rows=(Row(upto=inf, algorithm="host"),), origin="defaults"),
    "gpu": Thresholds(rows=(Row(upto=inf, algorithm="ipc"),), origin="defaults"),
}
"""For each kind of device, where ``hpcpy-gpu-allreduce tune`` was not run."""

FALLBACKS = {
    "cpu": ("host", "rabenseifner"),
    "gpu": ("ipc", "nccl", "hierarchical", "direct", "pipelined", "staged", "rabenseifner"),
}
"""What is tried where the table's choice is not possible."""
