import os
import time

import pytest

from hpcpy_testing import rank_watch
from hpcpy_testing.journal import Journal
from hpcpy_testing.launch_folder import LaunchFolder
from hpcpy_testing.rank_watch import RankWatch


@pytest.fixture
def watched(tmp_path):
    """Make a watch of two ranks that live, with the journals and lifelines of these."""
    folder = LaunchFolder(tmp_path)
    watches = []

    def make(finalize=0.0):
        watch = RankWatch(folder, 2, finalize=finalize)
        watches.append(watch)
        journals = [Journal(folder.journal(rank)) for rank in range(2)]
        lifelines = [os.open(folder.lifeline(rank), os.O_WRONLY) for rank in range(2)]
        return watch, journals, lifelines

    yield make
    for watch in watches:
        watch.close()


def test_ranks_that_have_not_started_yet_are_not_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(rank_watch, "PATIENCE", 0.0)
    watch = RankWatch(LaunchFolder(tmp_path), 2, finalize=0)
    watch()
    time.sleep(0.01)
    assert not watch()
    watch.close()
    assert watch.first_lost is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_first_one_lost_is_known_even_if_it_is_looked_for_later(order, watched):
    watch, _, lifelines = watched()
    assert not watch()
    for rank in order:
        os.close(lifelines[rank])
    assert not watch()
    assert watch.first_lost == order[0]


def test_a_job_without_one_of_its_ranks_is_lost_after_some_patience(watched, monkeypatch):
    watch, _, lifelines = watched()
    os.close(lifelines[1])
    assert not watch()
    monkeypatch.setattr(rank_watch, "PATIENCE", 0.01)
    time.sleep(0.05)
    assert watch()


def test_a_rank_that_left_its_marker_is_not_lost(watched, monkeypatch):
    monkeypatch.setattr(rank_watch, "PATIENCE", 0.0)
    watch, journals, lifelines = watched()
    journals[0].end(0)
    os.close(lifelines[0])
    watch()
    time.sleep(0.01)
    assert not watch()
    assert watch.first_lost is None


def test_a_job_that_goes_on_after_its_last_session_is_lost(watched, monkeypatch):
    monkeypatch.setattr(rank_watch, "LOOK", 0.0)
    watch, journals, _ = watched(finalize=0.05)
    journals[0].end(0)
    watch()
    time.sleep(0.1)
    assert not watch()
    journals[1].end(0)
    watch()
    time.sleep(0.1)
    assert watch()
