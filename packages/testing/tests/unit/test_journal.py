from hpcpy_testing.journal import Journal
from hpcpy_testing.story import Failure, read_story


def test_a_story_tells_what_the_journal_noted(tmp_path):
    journal = Journal(tmp_path / "journal")
    journal.start(1)
    journal.world(4, ["/dev/shm/a"])
    journal.enter("test_a")
    journal.outcome("test_a", "passed")
    journal.enter("test_b")
    journal.failed("test_b", "why")
    journal.expired("test_b", "in the call")
    journal.refused("test_b", "first")
    journal.refused("test_b", "then")
    journal.follows("test_a.py")
    journal.unselected()
    journal.end(1)
    story = read_story(tmp_path / "journal", 1)
    assert story.world == 4
    assert story.shared_memory == ["/dev/shm/a"]
    assert story.outcomes == {"test_a": "passed"}
    assert story.where == "test_b"
    assert story.failures == [Failure(where="test_b", why="why")]
    assert story.expired == Failure(where="test_b", why="in the call")
    assert story.refused == Failure(where="test_b", why="first")
    assert story.follows
    assert story.unselected
    assert story.status == 1
    assert not story.silent


def test_every_event_is_written_at_once(tmp_path):
    journal = Journal(tmp_path / "journal")
    for number in range(3):
        journal.enter(f"test_{number}")
        assert len((tmp_path / "journal").read_text().splitlines()) == number + 1


def test_a_rank_that_refused_or_follows_is_not_silent(tmp_path):
    for number, tell in enumerate((lambda j: j.refused("a", "b"), lambda j: j.follows("a"))):
        tell(Journal(tmp_path / str(number)))
        assert not read_story(tmp_path / str(number), 0).silent
