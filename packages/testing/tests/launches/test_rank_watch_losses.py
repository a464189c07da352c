"""Ranks that end without a word: the one that was lost first is blamed, not its victims."""

import json
from pathlib import Path

import pytest

from hpcpy_testing.mpiexec import Mpiexec

LEAVES = """
def test_fine(comm):
    comm.Barrier()

def test_leaves(comm):
    comm.Barrier()
    if comm.rank == 1:
        {how}
    comm.Barrier()
"""


@pytest.mark.parametrize("status", [0, 3])
def test_os_exit(status, write_case, launcher):
    outcome = launcher(write_case(LEAVES.format(how=f"os._exit({status})")))
    assert outcome.code == 1
    assert outcome.blamed == {("rank 1", "test_leaves")}
    assert "ended without a word" in outcome.output
    assert outcome.tally == "1 passed, 1 failed, 0 skipped"
    assert outcome.cases["test_leaves [rank 1 of 2]"] == "error"
    assert outcome.ended_soon


def test_os_exit_in_the_only_rank(write_case, launcher):
    outcome = launcher(write_case("def test_leaves(comm):\n    os._exit(0)\n"), ranks="1")
    assert outcome.code == 1
    assert outcome.blamed == {("rank 0", "test_leaves")}


def test_segmentation_fault(write_case, launcher):
    outcome = launcher(write_case(LEAVES.format(how="ctypes.string_at(0)")), ranks="3")
    assert outcome.code == 1
    assert outcome.blamed == {("rank 1", "test_leaves")}
    assert "Fatal Python error: Segmentation fault" in outcome.output
    assert outcome.ended_soon


def test_a_session_that_ends_but_a_process_that_does_not(write_case, launcher):
    body = "def test_fine(comm):\n    import atexit\n    atexit.register(time.sleep, 60)\n"
    outcome = launcher(write_case(body), deadline=4)
    assert outcome.code == 1
    assert {who for who, _ in outcome.blamed} == {"the job"}
    assert "MPI_Finalize" in outcome.output
    assert outcome.ended_soon


def test_the_shared_memory_of_a_lost_job_is_removed(write_case, launcher, tmp_path):
    launcher(write_case(LEAVES.format(how="os._exit(3)")))
    journals = list(tmp_path.glob("hpcpy-testing-*/*/rank-*.jsonl"))
    worlds = [
        event
        for journal in journals
        for event in map(json.loads, journal.read_text().splitlines())
        if event["event"] == "world"
    ]
    names = {name for world in worlds for name in world["shared_memory"]}
    assert len(worlds) == 2
    # Open MPI's prterun removes its own.
    assert bool(names) == (Mpiexec.find().vendor == "mpich")
    assert [name for name in names if Path(name).exists()] == []
