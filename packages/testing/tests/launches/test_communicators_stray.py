"""A message that a test does not receive fails that test, not the next one."""

STRAY = """
def test_leaves_a_message(comm):
    if comm.rank == 0:
        comm.send("stray", dest=1, tag=7)

def test_innocent(comm):
    comm.Barrier()
"""


def test_the_rank_that_did_not_receive_is_blamed(write_case, launcher):
    outcome = launcher(write_case(STRAY))
    assert outcome.code == 1
    assert outcome.blamed == {("rank 1", "test_leaves_a_message")}
    assert "did not receive a message from rank 0 with tag 7" in outcome.output
    assert outcome.tally == "0 passed, 1 failed, 0 skipped"
