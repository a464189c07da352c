import sys

import pytest

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_spawn_pi import try_spawn as module
from hpcpy_spawn_pi.try_spawn import try_spawn


@pytest.fixture
def says(monkeypatch):
    """Return a function that settles what the expendable job prints or raises."""

    def says(what):
        def run_expendable(ranks, argv, seconds):
            assert ranks == 1
            assert argv == [sys.executable, "-P", "-m", "hpcpy_spawn_pi.trial", "3"]
            if isinstance(what, Exception):
                raise what
            return what

        monkeypatch.setattr(module, "run_expendable", run_expendable)

    return says


def test_a_trial_that_spawned(says):
    says("a launcher's chat\nspawned 3\n")
    assert try_spawn(3, 9.0) is None


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("", "a trial did not start 3 workers: it said ''"),
        ("spawned 2\n", "it said 'spawned 2'"),
        (InputError("no mpiexec beside python"), "a trial failed: no mpiexec beside python"),
        (HpcpyError("ended with 1: noise\nsome failure here\nnoise"), "failed: some failure here"),
    ],
    ids=str,
)
def test_a_trial_that_did_not(says, what, words):
    says(what)
    assert words in try_spawn(3, 9.0)


def test_a_trial_that_took_too_long_is_told_as_such(says, monkeypatch):
    says(HpcpyError("mpiexec ended with 124: noise"))
    times = iter([100.0, 109.5])
    monkeypatch.setattr(module, "monotonic", lambda: next(times))
    assert try_spawn(3, 9.0) == "a trial did not end within 9 s, and was ended"


def test_what_is_told_is_short(says):
    says(HpcpyError("error: " + 1000 * "x"))
    assert len(try_spawn(3, 9.0)) < 300


def test_the_trial_of_a_singleton_has_no_launcher(monkeypatch):
    def run_tool(command, seconds, *, environ):
        assert command == [sys.executable, "-P", "-m", "hpcpy_spawn_pi.trial", "3"]
        assert "PMI_RANK" not in environ
        return "spawned 3"

    monkeypatch.setenv("PMI_RANK", "0")
    monkeypatch.setattr(module, "run_tool", run_tool)
    assert try_spawn(3, 9.0, launcher=False) is None
