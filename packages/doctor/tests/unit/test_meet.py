import os
from dataclasses import asdict
from pathlib import Path

import pytest

from hpcpy_doctor import meet as module
from hpcpy_doctor.find_launch import Launch
from hpcpy_doctor.follower import Follower
from hpcpy_doctor.mailbox import Mailbox
from hpcpy_doctor.meet import claim, meet
from hpcpy_doctor.reporter import NAME, Reporter


@pytest.fixture(autouse=True)
def base(tmp_path, monkeypatch):
    """The only place to meet."""
    monkeypatch.setattr(module, "list_bases", lambda one_node: [tmp_path / "base"])
    return tmp_path / "base"


def launch(rank, size=2, key="abc"):
    return Launch(key=key, size=size, rank=rank, one_node=True)


def test_rank_0_reports_and_the_others_follow(base):
    first, second = meet(launch(0)), meet(launch(1))
    assert isinstance(first, Reporter)
    assert first.mailbox.read(NAME)
    assert isinstance(second, Follower)


def test_of_two_that_believe_to_be_rank_0_one_reports():
    parts = [meet(launch(0)) for _ in range(3)]
    assert [type(part) for part in parts] == [Reporter, Follower, Follower]


def test_of_those_without_a_rank_the_first_reports():
    parts = [meet(launch(None, size=1)) for _ in range(2)]
    assert [type(part) for part in parts] == [Reporter, Follower]


@pytest.mark.parametrize("one", [launch(0, size=1), launch(None, size=1, key=None)])
def test_who_is_alone_needs_no_place(one, base):
    part = meet(one)
    assert (part.mailbox, part.why_alone) == (None, None)
    assert not base.exists()


def test_who_has_no_key_reports_alone_and_says_why():
    assert "nothing alike" in meet(launch(0, key=None)).why_alone
    with pytest.raises(OSError, match="no place"):
        meet(launch(1, key=None)).say_hello({})


def test_who_has_no_place_reports_alone_and_says_why(base):
    base.write_text("no folder")
    assert "File exists" in meet(launch(0)).why_alone


def test_a_dead_one_of_an_earlier_launch_is_replaced(base, dead_process):
    Mailbox("abc", [base]).put(NAME, asdict(dead_process))
    assert isinstance(meet(launch(0)), Reporter)


def test_a_living_one_is_not_replaced(base):
    meet(launch(0))
    assert claim(launch(1), Mailbox("abc", [base])) is None


@pytest.mark.parametrize("plant", [os.mkfifo, Path.touch, lambda path: path.write_text('{"a": 1}')])
def test_what_is_no_letter_is_replaced(base, plant, monkeypatch):
    monkeypatch.setattr(module, "WRITING_SECONDS", 0.05)
    folder = base / "abc"
    folder.mkdir(parents=True)
    base.chmod(0o700)
    plant(folder / NAME)
    assert isinstance(meet(launch(0)), Reporter)


def test_who_cannot_replace_it_reports_alone_and_says_why(base, monkeypatch):
    monkeypatch.setattr(module, "WRITING_SECONDS", 0.05)
    (base / "abc" / NAME).mkdir(parents=True)
    base.chmod(0o700)
    assert meet(launch(0)).why_alone.endswith("is no letter of a process, and stays")
