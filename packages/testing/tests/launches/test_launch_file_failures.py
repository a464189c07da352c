"""Failures that a rank can report itself: the right rank and test are blamed, in seconds."""

import re

ONE_RANK_FAILS = """
def test_fine(comm):
    assert comm.allreduce(1) == comm.size

def test_bad(comm):
    assert comm.rank != 1, "only rank 1 sees this"
    comm.Barrier()
"""

OTHERS_WAIT_FOR_A_MESSAGE = """
def test_bad(comm):
    if comm.rank == 1:
        raise ValueError("before it sends")
    comm.recv(source=1)
"""

# Without the fixture comm, whose end holds each rank until all have come to it.
FAILS_LATE = """
from mpi4py.MPI import COMM_WORLD

def test_slow_on_one():
    time.sleep(COMM_WORLD.rank)
    assert COMM_WORLD.rank == 0

def test_innocent():
    COMM_WORLD.Barrier()
"""

EXITS = """
def test_exits(comm):
    if comm.rank == 1:
        sys.exit(0)
    comm.Barrier()
"""

IMPORT_FAILS = """
from mpi4py import MPI
if MPI.COMM_WORLD.rank == 1:
    raise RuntimeError("no data on this rank")

def test_never_runs_alone(comm):
    comm.Barrier()
"""

FAILS_AFTER_THE_END = """
from mpi4py.MPI import COMM_WORLD

def test_last():
    COMM_WORLD.Barrier()
    time.sleep(1.5 * COMM_WORLD.rank)
    assert COMM_WORLD.rank == 0
"""


def test_one_rank_fails_before_a_barrier(write_case, launcher):
    outcome = launcher(write_case(ONE_RANK_FAILS), ranks="3")
    assert outcome.code == 1
    assert outcome.blamed == {("rank 1", "test_bad")}
    assert "only rank 1 sees this" in outcome.output
    assert re.search(r"^MPI: .* \d.*, rank 1 of 3$", outcome.output, re.MULTILINE)
    assert outcome.tally == "1 passed, 1 failed, 0 skipped"
    assert outcome.ended_soon


def test_one_rank_fails_and_the_others_wait_for_its_message(write_case, launcher):
    outcome = launcher(write_case(OTHERS_WAIT_FOR_A_MESSAGE))
    assert outcome.blamed == {("rank 1", "test_bad")}
    assert "ValueError: before it sends" in outcome.output
    assert outcome.ended_soon


def test_junit_of_a_red_launch_names_what_each_rank_was_in(write_case, launcher):
    outcome = launcher(write_case(ONE_RANK_FAILS))
    assert outcome.cases == {
        "test_bad [rank 0 of 2]": "error",
        "test_fine [rank 1 of 2]": "pass",
        "test_bad [rank 1 of 2]": "failure",
    }


def test_a_failure_is_not_blamed_on_the_test_that_another_rank_has_reached(write_case, launcher):
    outcome = launcher(write_case(FAILS_LATE))
    assert outcome.blamed == {("rank 1", "test_slow_on_one")}
    assert "::test_innocent when the job ended" in outcome.output
    assert outcome.tally == "0 passed, 1 failed, 0 skipped"
    assert outcome.ended_soon


def test_a_failure_after_the_other_rank_has_ended_its_session(write_case, launcher):
    outcome = launcher(write_case(FAILS_AFTER_THE_END))
    assert outcome.code == 1
    assert outcome.blamed == {("rank 1", "test_last")}
    assert "rank 0 of 2: ended its session with status 0" in outcome.output
    assert outcome.ended_soon


def test_sys_exit_in_a_test_is_a_failure_even_with_status_0(write_case, launcher):
    outcome = launcher(write_case(EXITS))
    assert outcome.code == 1
    assert outcome.blamed == {("rank 1", "test_exits")}
    assert outcome.ended_soon


def test_a_module_that_one_rank_cannot_import(write_case, launcher):
    outcome = launcher(write_case(IMPORT_FAILS))
    assert outcome.code == 1
    assert outcome.blamed == {("rank 1", "test_case.py")}
    assert "no data on this rank" in outcome.output
    assert outcome.ended_soon


def test_the_next_file_runs_after_a_red_one(write_case, launcher):
    red = write_case(ONE_RANK_FAILS, "test_a.py")
    green = write_case("def test_fine(comm):\n    comm.Barrier()\n", "test_b.py")
    outcome = launcher(red, green)
    assert outcome.code == 1
    assert outcome.tally == "2 passed, 1 failed, 0 skipped"
