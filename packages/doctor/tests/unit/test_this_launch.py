import sys
import threading
from functools import partial

import pytest

from hpcpy_doctor import this_launch as module
from hpcpy_doctor.find_launch import Launch
from hpcpy_doctor.follower import Follower
from hpcpy_doctor.mailbox import Mailbox
from hpcpy_doctor.probing.story import FIRST, LAST
from hpcpy_doctor.reporter import Reporter
from hpcpy_doctor.this_launch import OWN, follow_launch, try_launch

STORY = """#!{python} -S
import json, sys, time
to = sys.argv[sys.argv.index("--to") + 1]
with open(to, "a") as file:
    for stage in {stages}:
        told = dict(host="h", pid=1, stage=stage, size=2, plan={plan})
        file.write(json.dumps(told) + chr(10))
print("its words")
time.sleep({seconds})
sys.exit({code})
"""


@pytest.fixture
def play(tmp_path, monkeypatch, plain_facts):
    """Return a function that tries a launch of two processes; both are threads of this one."""
    monkeypatch.setattr(module, "GRACE", 0.3)

    def play(stages, code=0, seconds=0, deadline=20.0, was_ended=lambda: False, alone=False):
        program = tmp_path / "python"
        plan = [*FIRST, *LAST]
        program.write_text(
            STORY.format(
                python=sys.executable, stages=stages, plan=plan, seconds=seconds, code=code
            )
        )
        program.chmod(0o700)
        mailbox = Mailbox("launch", [tmp_path / "base"])
        reporter = Reporter(
            launch=Launch(key="launch", size=2, rank=0, one_node=True), mailbox=mailbox
        )
        follower = Follower(mailbox=mailbox)
        follower.say_hello({})
        reporter.gather(5)
        monkeypatch.setattr(sys, "executable", str(program))
        facts = {OWN: plain_facts(0, 2), follower.token: plain_facts(1, 2)}
        follow = partial(follow_launch, follower, deadline, lambda: False)
        thread = threading.Thread(target=follow)
        if not alone:
            thread.start()
        (found,) = try_launch(reporter, mailbox, facts, deadline, was_ended)
        if not alone:
            thread.join()
        assert [name for name in mailbox.names("") if "story" in name or "words" in name] == []
        return found

    return play


ALL = [*FIRST, *LAST]


def test_all_come_to_their_end(play):
    assert play(ALL).level == "ok"


def test_deaths_are_told_with_their_words(play):
    found = play(["start", "library"], code=3)
    assert found.id == "launch-dies"
    assert "ended with exit code 3 in MPI_Init (its words), then rank" in found.seen


def test_who_hangs_is_ended(play):
    found = play(["start", "library", "init"], seconds=600, deadline=0.5)
    assert (found.id, found.seen) == ("launch-hangs", "ranks 0-1 waited in world")


def test_a_launcher_that_ends_the_job_is_not_waited_for(play):
    assert play(["start"], seconds=600, deadline=600.0, was_ended=lambda: True).id == "launch-hangs"


def test_who_does_not_follow_is_told(play):
    found = play(ALL, deadline=0.5, alone=True)
    assert (found.id, found.seen) == ("launch-hangs", "rank 1 waited in start")
