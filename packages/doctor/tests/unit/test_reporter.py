import time
from dataclasses import asdict, replace

import pytest

from hpcpy_doctor import reporter as module
from hpcpy_doctor.find_launch import Launch
from hpcpy_doctor.follower import Follower
from hpcpy_doctor.mailbox import Mailbox
from hpcpy_doctor.process import Process
from hpcpy_doctor.reporter import NAME, Reporter


@pytest.fixture
def mailbox(tmp_path):
    return Mailbox("launch", [tmp_path / "base"])


@pytest.fixture
def make_reporter(mailbox, monkeypatch):
    monkeypatch.setattr(module, "LEAVING_SECONDS", 0.1)

    def make(size, rank=0):
        launch = Launch(key="launch", size=size, rank=rank, one_node=True)
        return Reporter(launch=launch, mailbox=mailbox)

    return make


def come(mailbox, number):
    followers = [Follower(mailbox=mailbox) for _ in range(number)]
    for rank, follower in enumerate(followers, start=1):
        follower.say_hello({"rank": rank})
    return followers


def test_it_hears_all_that_were_announced(make_reporter, mailbox):
    followers = come(mailbox, 2)
    reporter = make_reporter(3)
    reporter.gather(0.1)
    assert {member.token for member in reporter.members} == {one.token for one in followers}
    assert sorted(member.hello["rank"] for member in reporter.members) == [1, 2]


def test_it_does_not_wait_for_ever(make_reporter, mailbox):
    come(mailbox, 1)
    reporter = make_reporter(3)
    reporter.gather(0.1)
    assert len(reporter.members) == 1


def test_without_an_announcement_it_hears_whoever_comes(make_reporter, mailbox):
    come(mailbox, 2)
    reporter = make_reporter(1, rank=None)
    reporter.gather(0.1)
    assert len(reporter.members) == 2


def test_the_words_of_the_dead_are_not_heard(make_reporter, mailbox, dead_process):
    mailbox.put("x.hello", {"process": asdict(dead_process), "said": {}})
    reporter = make_reporter(2)
    reporter.gather(0.1)
    assert reporter.members == []


def test_it_writes_to_all_and_takes_what_they_write(make_reporter, mailbox):
    first, second = come(mailbox, 2)
    reporter = make_reporter(3)
    reporter.gather(0.1)
    reporter.send("launch", {"seconds": 2})
    assert first.take("launch") == second.take("launch") == {"seconds": 2}
    assert reporter.lacks({})
    first.say("tried", {"code": 0})
    mailbox.put("stranger.tried", {"code": 1})
    assert reporter.take("tried") == {first.token: {"code": 0}}
    assert reporter.lacks({first.token})
    assert not reporter.lacks({first.token, second.token})


def test_it_does_not_wait_for_the_dead(make_reporter, mailbox, dead_process):
    come(mailbox, 1)
    reporter = make_reporter(2)
    reporter.gather(0.1)
    (member,) = reporter.members
    assert member.written == pytest.approx(time.time(), abs=60)
    reporter.members = [replace(member, process=dead_process)]
    assert not reporter.lacks({})
    reporter.send("leave", {})
    assert mailbox.names(".leave") == []


def test_late_ones_may_leave_too_and_nothing_stays(make_reporter, mailbox, tmp_path):
    (early,) = come(mailbox, 1)
    reporter = make_reporter(3)
    reporter.show_itself()
    assert Process.parse(mailbox.read(NAME)) == Process.read()
    reporter.gather(0.1)
    (late,) = come(mailbox, 1)
    seen = {}
    reporter._are_gone = lambda: [  # the moment in which they read
        seen.setdefault(name, one.take("leave")) for name, one in (("e", early), ("l", late))
    ]
    reporter.close(2)
    assert seen == {"e": {"code": 2}, "l": {"code": 2}}
    assert not (tmp_path / "base").exists()


def test_the_clock_is_compared_with_the_file_systems(make_reporter, mailbox):
    now, written = make_reporter(2).measure_clock()
    assert now == pytest.approx(time.time(), abs=60)
    assert written == pytest.approx(now, abs=1)
    assert mailbox.names("") == []
    assert Reporter(launch=make_reporter(1).launch).measure_clock()[1] is None
