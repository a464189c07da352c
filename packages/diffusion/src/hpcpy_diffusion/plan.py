"""Choose how the ranks get each other's news, and how deep their halos are. No MPI."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import Kernel
from hpcpy_diffusion.parameters import Parameters

__all__ = [
    "EXCHANGES",
    "WITHOUT_HALO",
    "Depth",
    "ExchangeName",
    "Plan",
    "check_depth",
    "check_positive",
    "choose_depth",
    "choose_exchange",
    "limit_depth",
    "make_plan",
]

Depth = int | Literal["auto"]
ExchangeName = Literal["auto", "sendrecv", "persistent", "shared"]
EXCHANGES: tuple[str, ...] = get_args(ExchangeName)

AUTO_DEPTH = 32
"""Steps from one exchange to the next: as many as a pass takes on a large grid."""
AUTO_SHARE = 4
"""The halo is at most this part of the smallest block, as its rows are computed twice."""
MOST_SHARING = 8
"""Ranks that share a field by default: each has eight of the 64 steps of a pass then."""
OVERLAP = 2**18
"""Points of a block whose inner steps take longer than a message: tens of microseconds."""
WITHOUT_HALO = 256
"""Steps in a row where there is no halo, for progress to be told now and then."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What was chosen, for all ranks alike."""

    exchange: str
    """sendrecv, persistent, shared, or none on one rank."""
    depth: int
    """Layers of the halo; 0 where nothing is copied."""
    chunk: int
    """Time steps from one exchange to the next, at most."""
    overlap: bool
    """Whether the inner rows are computed while the halo is on its way."""
    threads: int
    """In each rank's process."""
    why: str

    def __str__(self) -> str:
        """Return the line that the command prints."""
        parts = [f"halo depth {self.depth}", f"exchange {self.exchange}"]
        if self.overlap:
            parts.append("overlapped with the inner rows")
        if self.threads > 1:
            parts.append(f"{self.threads} threads a rank")
        return f"{' · '.join(parts)} ({self.why})"


def choose_exchange(
    asked: str,
    kernel: Kernel,
    *,
    ranks: int,
    nodes: int,
    dims: Sequence[int] | None,
    halo_depth: Depth,
) -> tuple[str, Sequence[int] | None]:
    """Return the exchange, and the dims, if it settles them. Local.

    ``auto`` is persistent requests; but shared memory for a kernel of many steps at once,
    if all ranks are on one node and at most eight, `dims` leave the rows whole, and no
    depth of halos was asked for. Shared memory is divided by rows, unless
    `dims` say otherwise.

    Raises
    ------
    InputError
        If what was asked for cannot work.
    """
    if asked not in EXCHANGES:
        raise InputError(f"exchange {asked}: choose one of {', '.join(EXCHANGES)}")
    whole_rows = dims is None or prod(dims[1:]) == 1
    if asked == "shared" and nodes > 1:
        raise InputError(
            f"exchange shared: the ranks are on {nodes} nodes, which share no memory: "
            "give --exchange persistent, or start all ranks on one node"
        )
    if asked == "shared" and not whole_rows and (kernel.whole or kernel.tiles):
        raise InputError(
            f"exchange shared: kernel {kernel.name} works on whole rows only: "
            f"give --dims {ranks}x1, or --exchange persistent"
        )
    if ranks == 1:
        return "none", dims
    few = kernel.tiles and nodes == 1 and ranks <= MOST_SHARING
    if asked == "shared" or (asked == "auto" and few and whole_rows and halo_depth == "auto"):
        return "shared", dims or (ranks, 1)
    return "persistent" if asked == "auto" else asked, dims


def choose_depth(
    asked: Depth, exchange: str, kernel: Kernel, points: int, dims: Sequence[int]
) -> tuple[int, str]:
    """Return how deep the halos are, and why. Local.

    ``auto`` is 1 for kernels of single steps, and 32 for a kernel of many steps at once, but
    at most a quarter of the smallest block. A block sends so many layers as the halo has, so that
    the smallest block sets a limit, along each axis that is divided.

    Raises
    ------
    InputError
        If it was asked for and cannot work.
    """
    check_positive(asked)
    if exchange == "none":
        return 0, "one rank"
    if exchange == "shared":
        if asked != "auto":
            raise InputError(
                f"halo depth {asked}: shared memory has no halos; leave --halo-depth out, "
                "or give --exchange persistent"
            )
        return 0, "all share one field" if kernel.tiles else "the ranks read each other's rows"
    if asked == "auto":
        if not kernel.tiles:
            return 1, f"kernel {kernel.name} takes single steps"
        depth = limit_depth(AUTO_DEPTH, points, dims)
        return depth, f"kernel {kernel.name} takes {depth} steps at once"
    return check_depth(asked, points, dims), "as asked"


def check_positive(asked: Depth) -> None:
    """Refuse a depth that is none, on one rank as on many. Local."""
    if asked != "auto" and asked < 1:
        raise InputError(f"halo depth {asked}: give 1 or more, or auto")


def limit_depth(wanted: int, points: int, dims: Sequence[int]) -> int:
    """Return a depth that is at most a quarter of the smallest block. Local."""
    return max(1, min(wanted, _layers(points, dims) // AUTO_SHARE))


def check_depth(asked: int, points: int, dims: Sequence[int]) -> int:
    """Return the depth that was asked for, if the smallest block has so many layers. Local.

    Raises
    ------
    InputError
        If it has not.
    """
    largest = _layers(points, dims)
    if asked > largest:
        raise InputError(
            f"halo depth {asked}: the smallest block has {largest} layers to send: "
            f"give --halo-depth {largest} at most, or start fewer ranks"
        )
    return asked


def _layers(points: int, dims: Sequence[int]) -> int:
    """Return how many layers the smallest block has, along the axes that are divided."""
    return min(max(1, points // parts) for parts in dims if parts > 1)


def make_plan(
    asked: Depth,
    exchange: str,
    kernel: Kernel,
    parameters: Parameters,
    *,
    dims: Sequence[int],
    threads: int,
) -> Plan:
    """Settle the rest, the exchange and the grid of ranks being given. Local.

    The exchange overlaps with compute where steps are single, requests persistent, rows
    whole, and blocks so large that the inner rows take longer than a message.

    Raises
    ------
    InputError
        If the depth that was asked for cannot work.
    """
    points = parameters.points
    depth, why = choose_depth(asked, exchange, kernel, points, dims)
    chunk = depth or (WITHOUT_HALO if kernel.tiles else 1)
    overlap = (
        exchange == "persistent"
        and depth == 1
        and not kernel.tiles
        and prod(dims[1:]) == 1
        and points // dims[0] * points >= OVERLAP
    )
    return Plan(
        exchange=exchange, depth=depth, chunk=chunk, overlap=overlap, threads=threads, why=why
    )
