import os
import time

import pytest

import step as module
from step import Step, run_step


@pytest.fixture
def run(tmp_path):
    def run(*command, seconds=20.0, left=100.0, **fields):
        step = Step(name="a-step", command=command, seconds=seconds, **fields)
        return run_step(step, tmp_path, os.environ, left)

    return run


def test_what_it_prints_is_in_its_log(run, tmp_path):
    outcome = run("sh", "-c", "echo $COLOUR; echo more >&2", environ={"COLOUR": "green"})
    assert (outcome.state, outcome.said) == ("passed", "")
    assert (tmp_path / "a-step.log").read_text() == "green\nmore\n"


def test_output_for_others_has_a_file_of_its_own(run, tmp_path):
    assert run("sh", "-c", "echo {}; echo more >&2", output=tmp_path / "x.json").state == "passed"
    assert (tmp_path / "x.json").read_text() == "{}\n"
    assert (tmp_path / "a-step.log").read_text() == "more\n"


@pytest.mark.parametrize(
    ("prints", "said"),
    [
        ("first\\nerror: no memory\\nlast\\n-----\\n", "error: no memory"),
        ("  rank 0 of 2, in test_a: no\\nlast\\n", "rank 0 of 2, in test_a: no"),
        ("first\\nlast\\n-----\\n", "last"),
        ("", "exit 3"),
    ],
)
def test_a_failure_is_told_by_the_line_that_says_most(run, prints, said):
    outcome = run("sh", "-c", f"printf '{prints}'; exit 3")
    assert (outcome.state, outcome.said) == ("failed", said)


def test_what_takes_too_long_is_ended(run):
    start = time.monotonic()
    outcome = run("sleep", "60", seconds=1.0)
    assert (outcome.state, outcome.said) == ("failed", "ended after 1 s")
    assert time.monotonic() - start < 30


def test_it_may_take_no_more_than_is_left_of_all_time(run, monkeypatch):
    monkeypatch.setattr(module, "LEAST", 1.0)
    outcome = run("sleep", "60", left=module.KILL_AFTER + 1.2)
    assert (outcome.state, outcome.said) == ("failed", "ended after 1 s")


def test_without_time_it_is_left_out(run, tmp_path):
    outcome = run("touch", str(tmp_path / "began"), left=9.0)
    assert (outcome.state, outcome.said) == ("left out", "no time was left")
    assert not (tmp_path / "began").exists()


def test_what_cannot_be_run_is_not(run, tmp_path):
    outcome = run("touch", str(tmp_path / "began"), lacks="there is no GPU")
    assert (outcome.state, outcome.said) == ("impossible", "there is no GPU")
    assert not (tmp_path / "began").exists()
