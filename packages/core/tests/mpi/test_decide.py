from dataclasses import replace

import numpy as np
import pytest

from hpcpy_core.awareness import OPERATIONS, Verdict
from hpcpy_core.awareness import decide as module
from hpcpy_core.awareness.cache import keep, recall
from hpcpy_core.awareness.hosts import count_hosts
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

IDENTITY = {"library": "MPI"}
VERDICT = Verdict(
    failures={"rma": "segmentation fault"},
    library="MPI 1.0",
    driver="13.0, GPU",
    nodes=1,
    seconds=2.0,
    lasting=True,
)


@pytest.fixture
def proof(comm, tmp_path, monkeypatch):
    """How often this rank has proven; what the proof brings; on how many nodes the job is."""

    class Proof:
        verdict, times, nodes = VERDICT, 0, 1

        def prove(self):
            self.times += 1
            return self.verdict

    proof = Proof()
    monkeypatch.setenv("XDG_CACHE_HOME", comm.bcast(str(tmp_path)))
    monkeypatch.setattr(module, "identify", lambda: IDENTITY)
    monkeypatch.setattr(module, "prove", proof.prove)
    monkeypatch.setattr(module, "count_hosts", lambda comm: proof.nodes)
    return proof


def decide(comm, proof, *, times, **options):
    """Decide; check that all ranks agree, and that rank 0 alone has proven, so many times."""
    proof.times = 0
    verdict = module.decide(comm, **options)
    parallel_assert(comm, comm.bcast(verdict) == verdict, f"another verdict: {verdict}")
    expected = times if comm.rank == 0 else 0
    parallel_assert(comm, proof.times == expected, f"proven {proof.times} times")
    return verdict


def test_rank_0_proves_once_and_all_have_the_verdict(comm, proof):
    assert decide(comm, proof, times=1) == VERDICT
    assert decide(comm, proof, times=0) == VERDICT
    assert decide(comm, proof, times=1, use_cache=False) == VERDICT


def test_a_proof_that_could_not_be_run_is_a_verdict_and_is_tried_again(comm, proof):
    why = dict.fromkeys(OPERATIONS, "no slots left")
    proof.verdict = replace(VERDICT, failures=why, lasting=False, nodes=0)
    for _ in range(2):
        verdict = decide(comm, proof, times=1)
        parallel_assert(comm, not verdict.proven, "something is proven")
        parallel_assert(comm, verdict.reason == "no slots left", verdict.reason)


def test_a_proof_on_one_node_is_none_between_nodes(comm, proof):
    proof.nodes = 2
    verdict = decide(comm, proof, times=1)
    parallel_assert(comm, not verdict.proven, "something is proven")
    parallel_assert(comm, verdict.reason.startswith("proven on one node only"), verdict.reason)
    parallel_assert(comm, "--launch 'srun -N 2 -n 2'" in verdict.reason, "no cure")
    same = verdict.failures["rma"] == "segmentation fault"
    parallel_assert(comm, same, "what failed on one node is told as it was")


def test_between_nodes_both_proofs_count(comm, proof):
    between = replace(VERDICT, nodes=2, failures={"bcast": "hung"})
    if comm.rank == 0:
        keep(IDENTITY, between)
    proof.nodes = 2
    verdict = decide(comm, proof, times=1)
    expected = {"bcast": "hung", "rma": "segmentation fault"}
    parallel_assert(comm, verdict.failures == expected, f"{verdict.failures}")
    proof.nodes = 1
    assert decide(comm, proof, times=0) == VERDICT


def test_an_error_in_the_proof_itself_is_raised_on_all_ranks(comm, proof, monkeypatch):
    def fail():
        raise ZeroDivisionError("a fault in the proof")

    monkeypatch.setattr(module, "prove", fail)
    with pytest.raises(ZeroDivisionError):
        module.decide(comm)


def test_what_was_kept_is_what_was_proven(comm, proof):
    decide(comm, proof, times=1)
    parallel_assert(comm, recall(IDENTITY) == VERDICT, "another one")


def test_hosts_are_counted_by_their_names(comm, monkeypatch):
    assert count_hosts(comm) == 1
    monkeypatch.setattr("platform.node", lambda: f"node{comm.rank // 2}")
    assert count_hosts(comm) == int(np.ceil(comm.size / 2))
