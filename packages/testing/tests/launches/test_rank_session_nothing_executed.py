"""A session that executed no MPI test has shown nothing, so it fails."""

import pytest

SKIPPED = """
@pytest.mark.skip(reason="always")
def test_skipped(comm):
    comm.Barrier()
"""

TOO_FEW = """
@pytest.mark.mpi(min_size=3)
def test_needs_three(comm):
    comm.Barrier()
"""

NO_MARK = """
pytestmark = []
def test_serial():
    pass
"""


@pytest.mark.parametrize("body", [SKIPPED, TOO_FEW, NO_MARK], ids=["skipped", "few", "no mark"])
def test_a_file_without_an_executed_mpi_test_is_red(body, write_case, launcher):
    outcome = launcher(write_case(body))
    assert outcome.code == 1
    assert "executed no MPI test" in outcome.output
    assert {who for who, _ in outcome.blamed} <= {"rank 0", "rank 1"}
    assert outcome.blamed


def test_one_executed_test_is_enough(write_case, launcher):
    outcome = launcher(write_case(SKIPPED + "def test_runs(comm):\n    comm.Barrier()\n"))
    assert outcome.code == 0
    assert outcome.tally == "1 passed, 0 failed, 1 skipped"
