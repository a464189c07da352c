"""What a run gives back: the field, block by block, and what it took."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any

from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.selection import Selection
from hpcpy_diffusion.gather import gather_field
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import Plan
from hpcpy_mpiio import save

__all__ = ["Frame", "Result"]


@dataclass(frozen=True)
class Frame:
    """The field at one time that `Parameters.outtime` asked for."""

    step: int
    time: float
    decomposition: Decomposition
    show: Callable[[], Field] = field(repr=False)
    """Brings the owned part into the plain layout: `block` calls it, if it is wanted."""
    show_part: Callable[[tuple[slice, ...]], Field] | None = field(default=None, repr=False)
    """Brings some of its rows and columns, where less is moved so; None where it is not."""

    @cached_property
    def block(self) -> Field:
        """The rank's owned part; only valid during the call, the next step overwrites it."""
        return self.show()

    def part(self, kept: tuple[slice, ...]) -> Field:
        """Return some rows and columns of the rank's owned part; valid as `block` is. Local."""
        return self.block[kept] if self.show_part is None else self.show_part(kept)


@dataclass(frozen=True, kw_only=True)
class Result:
    """The field at the end of a run, and what it took."""

    parameters: Parameters
    kernel: str
    dims: tuple[int, ...]
    plan: Plan
    """How the ranks got each other's news: exchange, depth of the halos, threads, and why."""
    selection: Selection
    seconds: dict[str, float]
    """total, and of it compute, halo and output, on GPUs also copies from and to the host; each
    the slowest rank's, in seconds."""
    gcells_per_second: float
    """Cell updates per second of compute and halo time together, in 10^9/s."""
    mass: float
    """Sum of the density times the cells' area, in density times length^2."""
    decomposition: Decomposition = field(repr=False)
    block: Field = field(repr=False)
    """This rank's owned part, boundary included where the rank has it."""
    comm: MPI.Intracomm = field(repr=False)

    def gather(self, root: int = 0) -> Field | None:
        """Return the whole field, shape (n+2, n+2), on the root. Collective over comm."""
        return gather_field(self.block, self.decomposition, self.comm, root)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the whole field as one .npy file. Collective over comm."""
        save(Path(path), self.block, self.decomposition, self.comm, overwrite=overwrite)

    @property
    def threads(self) -> int:
        """Threads in each rank's process."""
        return self.plan.threads

    @property
    def halo_depth(self) -> int:
        """Layers of the halos; 0 where there were none."""
        return self.plan.depth

    @property
    def exchange(self) -> str:
        """How the ranks got each other's news: sendrecv, persistent, shared, or none."""
        return self.plan.exchange

    def figures(self) -> dict[str, Any]:
        """Return what was measured, as plain JSON values."""
        return {
            "kernel": self.kernel,
            "dims": list(self.dims),
            "threads": self.threads,
            "halo_depth": self.halo_depth,
            "exchange": self.exchange,
            "plan": str(self.plan),
            "seconds": self.seconds,
            "gcells_per_second": self.gcells_per_second,
            "mass": self.mass if isfinite(self.mass) else None,  # JSON has no infinity
        }
