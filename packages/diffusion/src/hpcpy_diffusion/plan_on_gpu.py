"""Choose how ranks on GPUs get each other's news, and how deep their halos are. No MPI."""

from collections.abc import Sequence

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels.gpu.sweep import Sweep
from hpcpy_diffusion.plan import (
    EXCHANGES,
    WITHOUT_HALO,
    Depth,
    Plan,
    check_depth,
    check_positive,
    limit_depth,
)

__all__ = ["choose_exchange_on_gpu", "make_plan_on_gpu"]

DEEPEST = 32
"""Steps from one exchange to the next of a kernel that has no limit, by default."""
OVERLAP = 2**20
"""Points of a block from which its inside is computed while the halo is on its way: each stream
then has kernels that run longer than it takes to launch them."""


def choose_exchange_on_gpu(asked: str, ranks: int) -> str:
    """Return the exchange; ``auto`` is persistent requests. Local.

    Raises
    ------
    InputError
        If what was asked for cannot work.
    """
    if asked not in EXCHANGES:
        raise InputError(f"exchange {asked}: choose one of {', '.join(EXCHANGES)}")
    if asked == "shared":
        raise InputError(
            "exchange shared: the fields are in the GPUs' memory, which ranks do not share: "
            "give --exchange persistent, or --device cpu"
        )
    if ranks == 1:
        return "none"
    return "persistent" if asked == "auto" else asked


def make_plan_on_gpu(
    asked: Depth, exchange: str, sweep: Sweep, why: str, *, points: int, dims: Sequence[int]
) -> Plan:
    """Settle the rest, the exchange, the sweep and the grid of ranks being given. Local.

    By default the halo is as deep as a sweep takes steps, but at most a quarter of the
    smallest block. Where one sweep goes from exchange to exchange, and blocks are large, the
    inside is computed while the halo is on its way.

    Parameters
    ----------
    why
        Of the sweep, for people.

    Raises
    ------
    InputError
        If the depth that was asked for cannot work.
    """
    check_positive(asked)
    if exchange == "none":
        depth = 0
    elif asked == "auto":
        depth = limit_depth(min(sweep.most, DEEPEST), points, dims)
    else:
        depth = check_depth(asked, points, dims)
    overlap = (
        exchange == "persistent"
        and sweep.regional
        and depth <= sweep.most
        and (points // dims[0]) * (points // dims[1]) >= OVERLAP
    )
    return Plan(
        exchange=exchange,
        depth=depth,
        chunk=depth or WITHOUT_HALO,
        overlap=overlap,
        threads=1,
        why=why,
    )
