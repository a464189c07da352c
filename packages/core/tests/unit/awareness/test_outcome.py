import json
from subprocess import CompletedProcess

import pytest

from hpcpy_core.awareness.outcome import find_words, read_outcome


def end(*markers, code=0, stderr=""):
    """Return a job of two ranks that has said these markers."""
    started = [{"rank": rank, "started": "MPI 1.0", "ranks": 2} for rank in range(2)]
    lines = [f"hpcpy-probe {json.dumps(said)}" for said in (*started, *markers)]
    return CompletedProcess([], code, "\n".join(lines), stderr)


def both(**said):
    return [{"rank": rank, **said} for rank in range(2)]


def trying(operation, nbytes=8, part="this part"):
    return both(trying=operation, part=part, bytes=nbytes)


RIGHT = [*trying("p2p"), *both(right="p2p")]


def test_what_all_ranks_call_right_is_right():
    outcome = read_outcome(["p2p"], end(*RIGHT), 15)
    assert outcome.failures == {}
    assert outcome.stopped_by is None
    assert [said["rank"] for said in outcome.started] == [0, 1]


@pytest.mark.parametrize("code", [0, 139])
def test_what_one_rank_calls_right_is_not(code):
    outcome = read_outcome(["p2p", "bcast"], end(*RIGHT[:-1], code=code), 15)
    assert set(outcome.failures) == {"p2p"}
    assert outcome.stopped_by == "p2p"


@pytest.mark.parametrize(
    ("code", "stderr", "why"),
    [
        (139, "", "segmentation fault"),
        (-11, "", "segmentation fault"),
        (135, "", "bus error"),
        (
            11,
            "YOUR APPLICATION TERMINATED ... Segmentation fault (signal 11)",
            "segmentation fault",
        ),
        (1, "process rank 1 with PID 3 exited on\nsignal 6 (Aborted).", "aborted"),
        (1, "[vm:1] Signal: Segmentation fault (11)", "segmentation fault"),
        (142, "", "hung: no answer in 15 s"),
        (14, "EXIT STRING: Alarm clock (signal 14)", "hung: no answer in 15 s"),
        (124, "", "hung: no answer in 15 s"),
        (-9, "", "hung: no answer in 15 s"),
        (7, "error: no slots\nmore", "exit code 7: no slots"),
        (7, "", "exit code 7: nothing was said"),
    ],
)
def test_how_it_ended_is_named(code, stderr, why):
    done = end(*RIGHT, *trying("bcast", 8), *trying("bcast", 104), code=code, stderr=stderr)
    outcome = read_outcome(["p2p", "bcast", "rma"], done, 15)
    assert outcome.failures == {"bcast": f"{why} (this part, 104 B)"}
    assert (outcome.stopped_by, outcome.stopped_in) == ("bcast", "this part")


def test_wrong_data_are_told_as_the_rank_told_them():
    wrong = {"rank": 1, "wrong": "p2p", "why": "wrong data: Recv: item 0 of 1 is 2.0, not 1.0"}
    outcome = read_outcome(["p2p"], end(*trying("p2p"), wrong, code=1), 15)
    assert outcome.failures["p2p"] == f"{wrong['why']} (this part, 8 B)"


def test_what_an_mpi_lacks_does_not_stop_the_rest():
    lacking = [*trying("rma"), *both(missing="rma", why="no MPI_Put")]
    outcome = read_outcome(["p2p", "rma", "bcast"], end(*RIGHT, *lacking), 15)
    assert outcome.failures["rma"] == "this MPI has it not: no MPI_Put"
    assert outcome.stopped_by == "bcast", "nobody has said anything of it"


def test_a_bad_end_spoils_what_was_right():
    outcome = read_outcome(["p2p"], end(*RIGHT, code=139), 15)
    why = "data were right, but the job ended badly: segmentation fault"
    assert outcome.failures == {"p2p": why}
    assert outcome.stopped_by is None


def test_a_job_that_never_started():
    done = CompletedProcess([], 1, "", "----\n  no such host  \n")
    outcome = read_outcome(["p2p", "bcast"], done, 15)
    assert outcome.started == []
    assert outcome.failures == {"p2p": "its job did not start: no such host"}


def test_the_words_that_tell_most():
    assert find_words(CompletedProcess([], 1, "", "noise\nerror: it\nnoise")) == "it"
    assert find_words(CompletedProcess([], 1, "", "srun: error:  no plugin\nmore")) == "no plugin"
    assert find_words(CompletedProcess([], 1, "out", "")) == "out"
    assert find_words(CompletedProcess([], 3, "", "")) == "nothing was said"
    assert len(find_words(CompletedProcess([], 3, "", "x " * 1000))) <= 300
