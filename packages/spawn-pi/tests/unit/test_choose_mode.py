"""Every row of the choice, with what is seen and what a trial says made up; one rank."""

from dataclasses import replace

import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_spawn_pi import choose_mode as module
from hpcpy_spawn_pi.choose_mode import choose_mode
from hpcpy_spawn_pi.parameters import Parameters
from hpcpy_spawn_pi.situation import SRUN, Situation

WELL = Situation(
    vendor="Open MPI",
    launcher="mpirun of Open MPI",
    free_slots=7,
    container=None,
    outside=False,
    step_waits=False,
)


class Four(MPI.Intracomm):
    """COMM_SELF, which says that it has four ranks to take for workers."""

    size = 4


@pytest.fixture
def choose(monkeypatch):
    """Return a function that chooses, and what was tried."""
    trials = []

    def choose(mode, workers=3, *, situation=WELL, trial=None):
        def try_spawn(workers, seconds, *, launcher):
            assert launcher is (situation.launcher is not None)
            trials.append((workers, seconds))
            return trial

        monkeypatch.setattr(module, "look_around", lambda comm: situation)
        monkeypatch.setattr(module, "try_spawn", try_spawn)
        parameters = Parameters(workers=workers, mode=mode, timeout=5.0)
        return choose_mode(parameters, Four(MPI.COMM_SELF))

    choose.trials = trials
    return choose


@pytest.mark.parametrize("mode", ["spawn", "split", "futures"])
def test_what_is_asked_for_is_taken_without_a_trial(choose, mode):
    choice = choose(mode)
    assert (choice.mode, choice.reason, choice.parameters.workers) == (mode, "asked for", 3)
    assert choose.trials == []


@pytest.mark.parametrize("mode", ["spawn", "futures"])
@pytest.mark.parametrize(
    ("change", "words"),
    [({"launcher": None}, "without a launcher"), ({"free_slots": 2}, "has 2 free slots")],
)
def test_what_is_asked_for_and_cannot_work_is_refused(choose, mode, change, words):
    with pytest.raises(InputError, match=rf"--mode {mode}: .*{words}.*; or choose --mode split"):
        choose(mode, situation=replace(WELL, **change))


def test_split_needs_no_launcher_that_spawns(choose):
    assert choose("split", situation=replace(WELL, launcher=None)).mode == "split"


def test_auto_spawns_where_a_trial_did(choose):
    choice = choose("auto")
    assert choice.mode == "spawn"
    assert choice.reason == "a trial of Open MPI just spawned 3"
    assert choose.trials == [(3, 5.0)]


@pytest.mark.parametrize(("workers", "there"), [(3, 3), (6, 4)])
def test_auto_splits_where_the_trial_failed_and_says_why(choose, workers, there):
    choice = choose("auto", workers, trial="it was a bad day")
    assert choice.mode == "split"
    assert choice.reason == (
        f"no spawn: it was a bad day; so {there} of the ranks that are there compute"
    )
    assert choice.parameters == Parameters(workers=there, mode="auto", timeout=5.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"launcher": None}, "without a launcher"),
        ({"container": "Apptainer", "outside": True}, "outside this container"),
        ({"free_slots": 0}, "0 free slots"),
        ({"launcher": SRUN, "step_waits": True}, "SLURM_OVERLAP"),
        ({"launcher": SRUN}, "--mode spawn would try"),
    ],
    ids=str,
)
def test_auto_splits_without_a_trial_where_it_cannot_work(choose, change, words):
    choice = choose("auto", situation=replace(WELL, **change))
    assert choice.mode == "split"
    assert words in choice.reason
    assert choose.trials == []
