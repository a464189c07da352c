"""Where the ranks are and which GPU each has, and what there is to say of it. Starts no MPI."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hpcpy_core.no_gpu import NoGpu

__all__ = ["Place", "describe_gpus", "describe_missing", "describe_sharing"]

NAMED = 4
"""So many ranks, or shared GPUs, are named each; of more, only some."""
KINDS = 2
"""So many kinds of GPUs are named."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A rank's node and GPU, or why it has none. The functions here take those of all ranks.

    Attributes
    ----------
    rank, host
        Of the communicator; and what its node is called.
    node
        The lowest rank there, which tells the nodes apart.
    visible
        How many GPUs the rank sees.
    ordinal, uuid, name
        Of the rank's own GPU, where it sees one.
    missing
        Why the rank cannot compute on it; None where it can.
    """

    rank: int
    host: str
    node: int
    visible: int
    ordinal: int | None = None
    uuid: str = ""
    name: str = ""
    missing: NoGpu | None = None


def describe_missing(places: Sequence[Place]) -> str | None:
    """Return in a few words which hosts lack a GPU, and why the first does; or None."""
    lacking = [(place, place.missing) for place in places if place.missing is not None]
    if not lacking:
        return None
    first, missing = lacking[0]
    nodes = len({place.node for place in places})
    without = len({place.node for place, _ in lacking})
    if len(lacking) == len(places):
        where = ""
    elif without > 1:
        where = f" on {without} of {nodes} nodes, first {first.host}"
    else:
        where = f" on {first.host}" if nodes > 1 else f" for rank {first.rank}"
    return f"no GPU{where}: {missing.cause}"


def describe_gpus(places: Sequence[Place]) -> str:
    """Return what computes, such as ``4 NVIDIA H100 80GB HBM3, shared by 8 ranks``."""
    models = Counter(dict.fromkeys((place.node, place.uuid, place.name) for place in places))
    names = Counter(name for _, _, name in models)
    said = " and ".join(name if count == 1 else f"{count} {name}" for name, count in names.items())
    if len(names) > KINDS:
        said = f"{len(models)} GPUs of {len(names)} kinds"
    return said if len(models) == len(places) else f"{said}, shared by {len(places)} ranks"


def describe_sharing(places: Sequence[Place]) -> str | None:
    """Return a warning if ranks share a GPU, or None."""
    sharing: dict[tuple[int, str], list[Place]] = {}
    for place in places:
        sharing.setdefault((place.node, place.uuid), []).append(place)
    shared = [those for those in sharing.values() if len(those) > 1]
    if not shared:
        return None
    named = [
        f"{_list_ranks(those)} of {those[0].host} share GPU {those[0].ordinal} ({those[0].name})"
        for those in shared[:NAMED]
    ]
    if len(shared) > NAMED:
        named.append(f"{len(shared) - NAMED} more GPUs are shared")
    used = Counter(node for node, _ in sharing)
    fewest = min(used[those[0].node] for those in shared)
    if any(place.visible > used[place.node] for those in shared for place in those):
        cure = "--device gpu gives them different ones"
    else:
        cure = f"Start at most {fewest} rank{'s' if fewest > 1 else ''} per node"
    return (
        f"{'; '.join(named)}. They wait for each other's kernels and split its memory. {cure}, "
        "or let their kernels run side by side with NVIDIA's MPS (nvidia-cuda-mps-control -d)"
    )


def _list_ranks(places: Sequence[Place]) -> str:
    """Return ``ranks 0, 2 and 4``, or how many from which to which."""
    *most, last = (str(place.rank) for place in places)
    if len(places) > NAMED:
        return f"{len(places)} ranks from {most[0]} to {last}"
    return f"ranks {', '.join(most)} and {last}"
