"""Decide for all ranks of a job which operations take device memory."""

from dataclasses import replace

from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.awareness.cache import keep, recall
from hpcpy_core.awareness.hosts import count_hosts
from hpcpy_core.awareness.identity import identify
from hpcpy_core.awareness.operations import OPERATIONS
from hpcpy_core.awareness.prove import prove
from hpcpy_core.awareness.verdict import Verdict

__all__ = ["decide"]

ONE_NODE_ONLY = (
    "proven on one node only; between nodes not proven: run "
    "`python -m hpcpy_core.awareness --launch 'srun -N 2 -n 2'`"
)


def decide(comm: MPI.Intracomm, *, use_cache: bool = True) -> Verdict:
    """Look for a verdict of a former proof, or run one on rank 0. Collective over comm.

    The other ranks wait without spinning. A failed proof is a verdict, not an error.

    Parameters
    ----------
    comm
        The ranks that will send device memory. If they are on several nodes, a verdict of one
        node is not enough: what was not proven between nodes too counts as a failure.
    use_cache
        Whether a former proof counts; the new one is kept in any case.

    Returns
    -------
    Verdict
        The same on every rank.
    """
    nodes = count_hosts(comm)
    text = None
    with on_root(comm) as root:
        if root:
            text = _settle(nodes, use_cache).to_json()
    return Verdict.from_json(comm.bcast(text, root=0))


def _settle(nodes: int, use_cache: bool) -> Verdict:
    identity = identify()
    verdict = recall(identity) if use_cache else None
    if verdict is None:
        verdict = prove()
        keep(identity, verdict)
    if nodes == 1:
        return verdict
    # Ranks of one node send to each other as well, so both proofs are needed.
    between = recall(identity, several_nodes=True)
    missing = dict.fromkeys(OPERATIONS, ONE_NODE_ONLY) if between is None else between.failures
    both = missing | verdict.failures
    failures = {name: both[name] for name in OPERATIONS if name in both}
    return replace(verdict, failures=failures, nodes=between.nodes if between else verdict.nodes)
