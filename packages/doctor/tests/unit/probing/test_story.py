import os

import pytest

from hpcpy_doctor.probing.story import STAGES, read_story, tell


def test_what_is_told_is_read(tmp_path):
    path = tmp_path / "story"
    tell(path, "start", plan=["start", "init", "end"])
    tell(path, "init", seconds=0.5)
    (told,) = read_story(path)
    assert (told.pid, told.plan) == (os.getpid(), ("start", "init", "end"))
    assert told.done["init"]["seconds"] == 0.5
    assert (told.stopped_in, told.failed) == ("end", None)
    tell(path, "end")
    assert read_story(path)[0].stopped_in is None


def test_a_stage_that_failed_is_not_done(tmp_path):
    path = tmp_path / "story"
    tell(path, "start", plan=["start", "p2p", "end"])
    tell(path, "p2p", failed="Exception: MPI_ERR_OTHER")
    (told,) = read_story(path)
    assert (told.stopped_in, told.failed) == ("p2p", "Exception: MPI_ERR_OTHER")


def test_processes_are_told_apart(tmp_path):
    path = tmp_path / "story"
    line = '{"host": "a", "pid": %d, "stage": "%s"}\n'
    path.write_text(line % (1, "start") + line % (2, "start") + line % (2, "library"))
    one, two = read_story(path)
    assert (one.pid, one.stopped_in) == (1, "library")
    assert (two.pid, two.stopped_in) == (2, "init")
    assert one.plan == STAGES


@pytest.mark.parametrize(
    "damage",
    ["{", "3", "[]", '{"host": "a"}', '{"host": "a", "pid": "x", "stage": "init"}', "\x00"],
)
def test_what_is_damaged_is_left_out(tmp_path, damage):
    path = tmp_path / "story"
    tell(path, "start")
    with path.open("a") as file:
        file.write(damage)
    assert [told.stopped_in for told in read_story(path)] == ["library"]


def test_what_is_not_there_tells_nothing(tmp_path):
    assert read_story(tmp_path / "none") == []
    assert read_story(tmp_path) == []
