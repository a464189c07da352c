import pytest

from hpcpy_doctor.checks.spawn import try_spawn

FULL = "spawn-without-slots"


@pytest.fixture
def look(plain_facts, make_outcome):
    """Return a function that tells what is found where the job ends like this."""

    def look(*before, trials=("spawn",), **end):
        def run(ranks, tried, seconds, *, environ):
            assert (ranks, tried, environ) == (1, trials, {})  # the user's own slots count
            return make_outcome(*before, ranks=1, trials=trials, **end)

        (found,) = try_spawn((plain_facts(),), run=run)
        return found

    return look


def test_it_works(look):
    found = look()
    assert found.level == "ok"
    assert found.seen == "works under mpiexec: one more process in 0.10 s"


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ({"said": "There are not enough slots available in the system"}, FULL),
        ({"said": "All nodes which are allocated for this job are already filled."}, FULL),
        ({"said": "MPI_ERR_UNKNOWN: unknown error"}, "spawn-fails"),
        ({"failed": "WrongValuesError: the new process answered 0"}, "spawn-fails"),
        ({"code": 124}, "spawn-hangs"),
    ],
)
def test_it_does_not_work_and_that_is_a_note(look, end, kind):
    found = look("spawn", **end)
    assert (found.id, found.level) == (kind, "note")


def test_a_job_that_does_not_begin_says_nothing_of_it(look):
    found = look("init")
    assert found.id == "not-tried"
    assert found.seen == "MPI_Comm_spawn: its job stops before that, in the stage init"
    assert found.cure.endswith("hpcpy-doctor --only mpi_jobs")
