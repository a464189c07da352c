"""Deadlocks end at the deadline, with what every rank was waiting for."""

DEADLOCK = """
def test_deadlock(comm):
    if comm.rank == 0:
        buf = bytearray(8)
        comm.Recv(buf, source=1)
    comm.Barrier()
"""

HOLDS_THE_GIL = """
def test_holds_the_gil(comm):
    ctypes.PyDLL(None).sleep(60)
"""

ONE_HOLDS_THE_GIL = """
def test_one_holds_the_gil(comm):
    if comm.rank == 1:
        ctypes.PyDLL(None).sleep(60)
    comm.Barrier()
"""


def test_every_rank_tells_its_call_and_its_stack(write_case, launcher):
    outcome = launcher(write_case(DEADLOCK), ranks="3", deadline=4)
    assert outcome.code == 1
    assert outcome.blamed == {(f"rank {rank}", "test_deadlock") for rank in range(3)}
    said = "test_case.py::test_deadlock, in the call:"  # after a folder that depends on TMPDIR
    for rank, call in enumerate(["comm.Recv(buf, source=1)", "comm.Barrier()", "comm.Barrier()"]):
        line = next(
            line for line in outcome.output.splitlines() if line.startswith(f"rank {rank} of 3 has")
        )
        assert line.endswith(f"{said} {call}")
    assert outcome.output.count("in test_deadlock\n") == 3
    assert outcome.tally == "0 passed, 1 failed, 0 skipped"
    assert outcome.ended_soon


def test_a_deadlock_while_test_modules_are_imported(write_case, launcher):
    body = "from mpi4py import MPI\nif MPI.COMM_WORLD.rank:\n    MPI.COMM_WORLD.Barrier()\n"
    body += (
        "def test_fine(comm):\n    pass\n\ndef test_meets_the_barrier(comm):\n    comm.Barrier()\n"
    )
    outcome = launcher(write_case(body), deadline=4)
    assert outcome.code == 1
    assert ("rank 1", "the collection") in outcome.blamed
    assert outcome.ended_soon


def test_the_rank_that_holds_the_gil_is_blamed_and_not_the_one_that_waits_for_it(
    write_case, launcher
):
    outcome = launcher(write_case(ONE_HOLDS_THE_GIL), deadline=3)
    assert outcome.code == 1
    assert outcome.blamed == {("rank 1", "test_one_holds_the_gil")}
    assert "in test_one_holds_the_gil" in outcome.output
    assert "in the call: comm.Barrier()" in outcome.output
    assert outcome.ended_soon


def test_a_rank_that_holds_the_gil_is_left_to_faulthandler(write_case, launcher):
    outcome = launcher(write_case(HOLDS_THE_GIL), ranks="1", deadline=3)
    assert outcome.code == 1
    assert outcome.blamed == {("rank 0", "test_holds_the_gil")}
    assert "Timeout (0:00:08)" in outcome.output
    assert outcome.ended_soon
