import pytest

from hpcpy_doctor.judge_launch import Tried, judge_launch
from hpcpy_doctor.probing.story import FIRST, LAST, Told

PLAN = (*FIRST, "p2p", "allreduce", *LAST)
OPEN_MPI = "Open MPI v5.0.11, package: x"


def tried(rank, until="end", *, size=2, code=0, failed=None, words="", at=1.0):
    """Make what a process has left that came as far as `until`, and not beyond."""
    done = {stage: {} for stage in PLAN[: PLAN.index(until) + 1]}
    if "world" in done:
        done["world"] = {"size": size, "rank": rank}
    told = Told(host="node1", pid=rank, plan=PLAN, done=done, failed=failed)
    return Tried(rank=rank, told=told, code=code, at=at, words=words)


@pytest.fixture
def judge(plain_facts):
    def judge(*processes, size=2, **changes):
        facts = [plain_facts(one.rank, size, **changes) for one in processes]
        (found,) = judge_launch(processes, facts, size)
        return found

    return judge


def test_all_is_well(judge):
    found = judge(tried(0), tried(1))
    assert (found.level, found.id) == ("ok", None)
    assert "2 ranks" in found.seen


def test_singletons_are_told_in_the_words_of_the_launch_check(judge):
    found = judge(tried(0, size=1), tried(1, size=1))
    assert found.id == "launch-wrong-size"
    assert found.seen.startswith("mpiexec of MPICH (Hydra) started 2 processes (PMI_SIZE=2), but")
    assert "each is alone" in found.seen
    assert "Start it with" not in found.seen
    assert " -n 2 " in found.cure


def test_another_size(judge):
    found = judge(tried(0, size=3), tried(1, size=3))
    assert found.id == "launch-wrong-size"
    assert "started 2 processes, but MPI says 3" in found.seen


def test_the_first_to_die_is_told_with_its_words(judge):
    words = "\n----\nUCX WARN something\nAbort(1): Fatal error in MPI_Init\nmore\n"
    found = judge(
        tried(0, "library", code=14, at=9.0, words="late"),
        tried(1, "library", code=-11, at=8.0, words=words),
        tried(2, "library", code=None),
        size=3,
    )
    assert found.id == "launch-dies"
    assert found.seen == (
        "rank 1 ended with signal 11 (Segmentation fault) in MPI_Init "
        "(Abort(1): Fatal error in MPI_Init), then rank 0 too; rank 2 waited in MPI_Init"
    )


def test_a_stage_that_fails_is_told(judge):
    found = judge(tried(0, "init", failed="RuntimeError: no", code=1), tried(1, "init", code=None))
    assert found.id == "launch-dies"
    assert "in world (RuntimeError: no)" in found.seen


def test_who_waits_is_told_and_for_whom(judge):
    found = judge(tried(0, "library", code=None), tried(2, "world", code=None), size=4)
    assert found.id == "launch-hangs"
    assert found.seen == (
        "rank 0 waited in MPI_Init, rank 2 waited in p2p, and ranks 1, 3 did not start MPI"
    )


def test_a_process_that_told_nothing_waits_at_the_start(judge):
    silent = Tried(rank=1, told=None, code=None, at=0.0, words="")
    assert "rank 1 waited in start" in judge(tried(0), silent).seen


def test_wrong_values_come_first(judge):
    wrong = "WrongValuesError: a message of 1 float64 from rank 0: 3 instead of 4"
    found = judge(tried(0, code=1, until="init"), tried(1, "world", failed=wrong, code=1))
    assert found.id == "launch-wrong-values"
    assert found.seen == "rank 1: a message of 1 float64 from rank 0: 3 instead of 4"


@pytest.mark.parametrize(
    ("library", "kept", "removed"),
    [
        ("MPICH Version: 5.0.2", "OMPI_MCA_pml", "MPIR_CVAR_NOLOCAL"),
        (OPEN_MPI, "MPIR_CVAR_NOLOCAL", "OMPI_MCA_pml"),
    ],
)
def test_the_users_own_settings_are_taken_away(judge, library, kept, removed):
    environ = dict.fromkeys(
        (kept, removed, "UCX_TLS", "OMPI_MCA_mpi_yield_when_idle", "PMI_RANK", "PATH"), "1"
    )
    found = judge(tried(0, "library", code=1), library_text=library, environ=environ)
    assert found.cure.startswith("env ")
    assert f" -u {removed} " in found.cure
    assert " -u UCX_TLS " in found.cure
    assert kept not in found.cure
    assert "yield" not in found.cure
