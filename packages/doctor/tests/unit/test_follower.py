from dataclasses import asdict

import pytest

from hpcpy_doctor import follower as module
from hpcpy_doctor.follower import Follower
from hpcpy_doctor.mailbox import Mailbox
from hpcpy_doctor.process import Process
from hpcpy_doctor.reporter import NAME


@pytest.fixture
def mailbox(tmp_path):
    return Mailbox("launch", [tmp_path / "base"])


@pytest.fixture
def follower(mailbox, monkeypatch):
    monkeypatch.setattr(module, "LEAVING_SECONDS", 0.1)
    return Follower(mailbox=mailbox)


def test_it_says_who_it_is(follower, mailbox):
    follower.say_hello({"rank": 1})
    said = mailbox.read(f"{follower.token}.hello")
    assert (Process.parse(said["process"]), said["said"]) == (Process.read(), {"rank": 1})


def test_it_hears_its_own_letters_only(follower, mailbox):
    mailbox.put(NAME, asdict(Process.read()))
    mailbox.put("other.leave", {"code": 0})
    mailbox.put(f"{follower.token}.leave", {"code": 2})
    assert follower.hear(["launch", "leave"], 5) == ("leave", {"code": 2})
    assert mailbox.read("other.leave") == {"code": 0}


def test_it_does_not_wait_for_ever(follower, mailbox):
    mailbox.put(NAME, asdict(Process.read()))
    assert follower.hear(["leave"], 0.1) is None
    assert follower.sees_reporter(0)


def test_it_does_not_wait_for_the_dead(follower, mailbox, dead_process):
    mailbox.put(NAME, asdict(dead_process))
    assert follower.hear(["leave"], 600) is None


def test_the_last_letter_of_the_dead_is_heard(follower, mailbox, dead_process):
    mailbox.put(NAME, asdict(dead_process))
    mailbox.put(f"{follower.token}.leave", {"code": 2})
    assert follower.hear(["leave"], 600) == ("leave", {"code": 2})


def test_nobody_reports(follower):
    assert not follower.sees_reporter(0.05)


def test_it_leaves_nothing(follower, mailbox, tmp_path):
    follower.say_hello({})
    follower.leave()
    assert not (tmp_path / "base").exists()
