import json
import sys

import pytest

from hpcpy_spawn_pi import attempt as module
from hpcpy_spawn_pi.attempt import attempt, find_reason


@pytest.fixture
def launcher(tmp_path):
    """Return a function that makes a launcher which does this instead of launching."""

    def make(program):
        path = tmp_path / "launcher.py"
        path.write_text(f"import os, sys, time\n{program}\n")
        return [sys.executable, str(path)]

    return make


def test_a_mode_that_works_brings_its_report(launcher):
    report = {"pi": 3.14, "mpi": "MPICH 5", "mode": {"name": "split", "reason": "no spawn: x"}}
    found = attempt(launcher(f"print({json.dumps(report)!r})"), "split", 2, 5)
    assert (found.outcome, found.reason, found.report) == ("works", "", report)
    found = attempt(launcher(f"print({json.dumps(report)!r})"), "auto", 2, 5)
    assert (found.outcome, found.reason) == ("split", "no spawn: x")


def test_spawn_alone_must_have_started_all(launcher):
    assert attempt(launcher("print('spawned 2')"), None, 2, 5).outcome == "works"
    assert attempt(launcher("print('spawned 1')"), None, 2, 5).outcome == "silent"
    assert attempt(launcher("pass"), None, 2, 5).outcome == "silent"


@pytest.mark.parametrize(
    ("code", "words", "way", "outcome"),
    [
        (2, "error: no slots", "spawn", "refused"),
        (1, "error: worker 0 exited with 3", "spawn", "fails"),
        (14, "Socket closed", "spawn", "aborts"),
        (2, "error: no slots", None, "fails"),
    ],
)
def test_failures_are_told_apart(launcher, code, words, way, outcome):
    program = f"sys.stderr.write({words!r}); sys.exit({code})"
    found = attempt(launcher(program), way, 2, 5)
    assert (found.outcome, found.reason, found.report) == (outcome, words, {})


def test_what_hangs_is_ended(launcher, monkeypatch):
    monkeypatch.setattr(module, "SPARE_SECONDS", 0.5)
    found = attempt(launcher("time.sleep(60)"), "spawn", 2, 0.5)
    assert found.outcome == "hangs"
    assert 1.0 <= found.seconds < 30


def test_a_nested_launcher_finds_nothing_of_the_one_around(launcher, monkeypatch):
    monkeypatch.setenv("PMI_RANK", "3")
    monkeypatch.setenv("HOME_OF_MINE", "here")
    program = "'PMI_RANK' in os.environ or print('spawned 2', os.environ['HOME_OF_MINE'])"
    assert attempt(launcher(program), None, 2, 5).outcome == "works"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("[vm:1] clutter\n  LAUNCHER error: while  starting\n[vm:1] more", "error: while starting"),
        (
            "a\nThere are not enough slots available\nerror code 3\n",
            "There are not enough slots available",
        ),
        ("first\nlast\n\n", "last"),
        ("", "nothing was said"),
    ],
)
def test_the_line_that_says_most(words, reason):
    assert find_reason(words) == reason
