"""What this package keeps on a communicator, so that a second call finds it there.

MPI's own way: an attribute of the communicator, given back when that is freed.
"""

from dataclasses import dataclass, field
from functools import cache

from mpi4py import MPI

from hpcpy_core.topology import count_nodes
from hpcpy_gpu_allreduce.thresholds import Thresholds

__all__ = ["Attached", "attach"]


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What belongs to a communicator; the same on all of its ranks.

    Attributes
    ----------
    comm
        A duplicate, so that no message of this package is taken for one of the caller's.
    nodes
        On how many nodes its ranks are.
    thresholds
        For each kind of device and transport, up to which size which algorithm is preferred.
    choices
        Which algorithm was chosen for what all ranks have asked for before, in its words.
    """

    comm: MPI.Intracomm
    nodes: int
    thresholds: dict[tuple[str, str], Thresholds] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)


def attach(comm: MPI.Intracomm) -> Attached:
    """Return what is kept on a communicator. Collective over comm at the first call."""
    key = _create_key()
    found = comm.Get_attr(key)
    if not isinstance(found, Attached):
        own = comm.Dup()
        found = Attached(comm=own, nodes=count_nodes(own))
        comm.Set_attr(key, found)
    return found


@cache
def _create_key() -> int:
    return MPI.Comm.Create_keyval(delete_fn=_give_back)


def _give_back(comm: MPI.Comm, key: int, attached: Attached) -> None:
    attached.comm.Free()
