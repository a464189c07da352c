import pytest

from hpcpy_testing.run_job import Completed
from hpcpy_testing.story import Failure, Story
from hpcpy_testing.verdict import judge

LOST = "its process ended without a word"


def ended(rank, *, status=0, world=2, outcomes=None, failures=()):
    return Story(
        rank=rank,
        pid=1,
        world=world,
        where="the end of the session",
        status=status,
        outcomes=outcomes or {"test_a": "passed"},
        failures=[Failure(where=where, why="no") for where in failures],
    )


def silent(rank, where="test_b", *, expired=False):
    return Story(
        rank=rank,
        pid=1,
        world=2,
        where=where,
        expired=Failure(where=where, why="in the call: comm.Barrier()") if expired else None,
    )


def verdict(*stories, returncode=0, timed_out=False, first_lost=None, logs=None):
    completed = Completed(
        returncode=returncode,
        stdout="",
        stderr="",
        seconds=1.0,
        timed_out=timed_out,
        leftovers=(),
    )
    logs = logs or [""] * len(stories)
    return judge(stories, completed, first_lost=first_lost, logs=logs)


def blamed(*stories, **options):
    return [(blame.rank, blame.where) for blame in verdict(*stories, **options).blames]


def test_green():
    assert blamed(ended(0), ended(1)) == []


def test_exit_code_0_without_a_marker_is_red():
    found = verdict(ended(0), silent(1))
    assert [(blame.rank, blame.where) for blame in found.blames] == [(1, "test_b")]
    assert found.blames[0].why.startswith(LOST)


def test_markers_without_exit_code_0_are_red():
    assert blamed(ended(0), ended(1), returncode=139) == [(None, "the end of the session")]


def test_a_rank_that_never_started_is_told_apart():
    found = verdict(Story(rank=0), Story(rank=1), returncode=1)
    assert [blame.why for blame in found.blames] == ["it never started its session"] * 2


def test_a_failure_is_blamed_and_not_the_ranks_that_it_ended():
    stories = silent(0), ended(1, status=1, failures=["test_a"])
    assert blamed(*stories, returncode=1, first_lost=0) == [(1, "test_a")]


def test_a_session_that_failed_without_a_test_is_blamed():
    assert blamed(ended(0, status=3), ended(1)) == [(0, "the end of the session")]


def test_the_rank_that_was_lost_first_is_blamed():
    assert blamed(silent(0), silent(1), returncode=9, first_lost=1) == [(1, "test_b")]


def test_a_crash_names_its_signal():
    logs = ["", "...\nFatal Python error: Segmentation fault\n\nCurrent thread"]
    found = verdict(silent(0), silent(1), returncode=139, first_lost=1, logs=logs)
    assert found.blames[0].why.startswith("Fatal Python error: Segmentation fault")


def test_a_deadlock_is_blamed_on_all_that_waited():
    stories = silent(0, expired=True), silent(1, "test_c", expired=True)
    assert blamed(*stories, returncode=98, first_lost=0) == [(0, "test_b"), (1, "test_c")]


def test_a_rank_lost_before_the_others_deadline_is_the_cause():
    assert blamed(silent(0, expired=True), silent(1), first_lost=1) == [(1, "test_b")]


def test_a_time_out_is_nobodys_death():
    assert blamed(ended(0), silent(1), timed_out=True, first_lost=1) == [(None, "test_b")]


def test_worlds_of_one_are_not_a_job_whatever_else_they_tell():
    stories = ended(0, world=1), ended(1, world=1, status=1, failures=["test_a"])
    found = verdict(*stories)
    assert [blame.rank for blame in found.blames] == [None]
    assert "worlds of 1, not one of 2" in found.blames[0].why


@pytest.mark.parametrize(
    ("first", "second", "counted"),
    [
        ("passed", "passed", "passed"),
        ("passed", "skipped", "passed"),
        ("skipped", "skipped", "skipped"),
        ("passed", "failed", "failed"),
    ],
)
def test_a_test_is_counted_once_for_all_ranks(first, second, counted):
    stories = ended(0, outcomes={"test_a": first}), ended(1, outcomes={"test_a": second})
    assert {key: n for key, n in verdict(*stories).tests.items() if n} == {counted: 1}


def test_a_red_launch_counts_at_least_one_failure():
    found = verdict(ended(0), silent(1), first_lost=1)
    assert found.tests == {"passed": 1, "failed": 1}


REFUSED = Failure(where="the collection", why="ranks differ")


@pytest.mark.parametrize("other", [silent(1), ended(1, status=4), ended(1, failures=["test_b"])])
def test_what_ranks_do_not_agree_on_is_blamed_on_the_job_once(other):
    first = ended(0, status=4)
    first.refused = REFUSED
    found = verdict(first, other, returncode=4, first_lost=1)
    assert [(blame.rank, blame.where) for blame in found.blames] == [(None, "the collection")]
    assert found.blames[0].why == "ranks differ"


def test_a_rank_that_follows_another_is_not_blamed():
    follower = ended(0, status=4)
    follower.follows = True
    assert blamed(follower, ended(1, status=2, failures=["test_a.py"])) == [(1, "test_a.py")]


@pytest.mark.parametrize(
    ("log", "why"),
    [
        (
            "ERROR: usage: __main__.py [options]\n__main__.py: error: unrecognized arguments: --x",
            "pytest refused to start: error: unrecognized arguments: --x",
        ),
        ("ERROR: x.ini:2: unexpected line", "pytest refused to start: x.ini:2: unexpected line"),
        (
            "ImportError while loading conftest '/x/conftest.py'.\nconftest.py:1: in <module>",
            "pytest refused to start: ImportError while loading conftest '/x/conftest.py'.",
        ),
    ],
)
def test_why_pytest_did_not_start_is_told(log, why):
    story = Story(rank=0, pid=1)
    assert [blame.why for blame in verdict(story, returncode=4, logs=[log]).blames] == [why]


def test_a_launch_without_a_chosen_test_is_neither_green_nor_red():
    story = ended(0, outcomes={"test_a": "skipped"}, world=1)
    story.unselected = True
    assert verdict(story).nothing
    assert not verdict(story).blames
    assert not verdict(story, returncode=1).nothing
