"""Ranks that would run different tests are refused before the first; a lone skip is named."""

import os
import re
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

OF_A_SET = """
@pytest.mark.parametrize("name", {names})
def test_operation(comm, name):
    record(os.getpid())
    (PIDS.parent / f"ran-{{name}}").touch()
    comm.Barrier()
"""

SKIPPED_MODULE = """
from hpcpy_testing.announced import announced_rank
if announced_rank() == 1:
    pytest.importorskip("no_such_module")

def test_one(comm):
    comm.Barrier()
"""

LONE_SKIP = """
def test_fine(comm):
    comm.Barrier()

def test_bad(comm):
    if comm.rank == 1:
        pytest.skip("no data here")
    comm.Recv(bytearray(8), source=1)

def test_innocent(comm):
    comm.Barrier()
"""

LONE_SKIP_IN_A_FIXTURE = """
@pytest.fixture
def data(comm):
    if comm.rank == 1:
        pytest.skip("no data here")

def test_bad(comm, data):
    comm.Barrier()

def test_innocent(comm):
    comm.Barrier()
"""

LONE_XFAIL = """
@pytest.mark.xfail(reason="known", strict=False)
def test_bad(comm):
    assert comm.rank != 1
    comm.Barrier()

def test_innocent(comm):
    comm.Barrier()
"""

ALL_ALIKE = """
def test_skipped(comm):
    pytest.skip(f"on rank {comm.rank}")

@pytest.mark.xfail(reason="known")
def test_xfails(comm):
    assert False

def test_subtests(comm, subtests):
    with subtests.test("skips"):
        pytest.skip("a part of it")
    comm.Barrier()

def test_one_waits_long_for_another(comm):
    if comm.rank == 0:
        time.sleep(3)
    comm.Barrier()
"""


@pytest.fixture
def a_set():
    """Names in another order on each rank, as those of a set are, but never by chance alike."""
    return "sorted(['a', 'b', 'c'], key=lambda name: (ord(name) + RANK) % 3)"


def own_rank():
    return "from hpcpy_testing.announced import announced_rank\nRANK = announced_rank()\n"


def test_another_order_is_refused_before_the_first_test(write_case, launcher, a_set, tmp_path):
    outcome = launcher(write_case(own_rank() + OF_A_SET.format(names=a_set)))
    assert outcome.code == 1
    assert outcome.blamed == {("the job", "the collection")}
    first, second = (re.search(rf"rank {rank} has \S+\[(.)\]", outcome.output) for rank in (0, 1))
    assert {first[1], second[1]} < {"a", "b", "c"}
    assert first[1] != second[1]
    assert "parametrize over a list or sorted(...)" in outcome.output
    assert list(tmp_path.glob("ran-*")) == []
    assert set(outcome.cases.values()) == {"error"}


def test_a_module_that_one_rank_skips(write_case, launcher):
    outcome = launcher(write_case(SKIPPED_MODULE))
    assert outcome.code == 1
    assert outcome.blamed == {("the job", "the collection")}
    assert "test_one, rank 1 has no more (rank 1 skipped " in outcome.output
    assert "could not import 'no_such_module'" in outcome.output


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (LONE_SKIP, "rank 1 skipped it (no data here), and rank 0 did not: "),
        (LONE_SKIP_IN_A_FIXTURE, "rank 1 skipped it (no data here), and rank 0 passed: "),
        (LONE_XFAIL, "rank 1 failed in it as expected (known), and rank 0 passed: "),
    ],
    ids=["in the test", "in a fixture", "xfail"],
)
def test_a_lone_skip_is_named_at_once(body, said, write_case, launcher):
    outcome = launcher(write_case(body))
    assert outcome.code == 1
    assert outcome.blamed == {("the job", "test_bad")}
    assert said in outcome.output
    if body is LONE_SKIP:
        assert "rank 0 of 2 is in the call: comm.Recv(bytearray(8), source=1)" in outcome.output
    assert outcome.tally == f"{int(body is LONE_SKIP)} passed, 1 failed, 0 skipped"
    assert outcome.ended_soon


def test_what_all_ranks_skip_is_no_fault(write_case, launcher):
    outcome = launcher(write_case(ALL_ALIKE))
    assert outcome.code == 0
    assert outcome.tally == "2 passed, 0 failed, 2 skipped"


def test_another_order_is_refused_without_the_launcher(write_case, a_set, pids, tmp_path):
    case = write_case(own_rank() + OF_A_SET.format(names=a_set))
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -n 2\n")
    done = Mpiexec.find().launch(
        2,
        [sys.executable, "-m", "mpi4py", "-m", "pytest", "--with-mpi", str(case)],
        env={"FAULT_PIDS": str(pids), "TMPDIR": os.environ.get("TMPDIR", "/tmp")},
    )
    assert not done.timed_out
    assert done.returncode != 0
    said = "ERROR: the ranks collected different tests, so none is run: as number 1 rank 0 has"
    assert said in done.stdout + done.stderr
    assert list(tmp_path.glob("ran-*")) == []
