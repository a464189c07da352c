from hpcpy_testing.story import read_story

STARTED = '{"event": "start", "rank": 0, "pid": 7}\n'


def test_a_rank_that_never_started(tmp_path):
    story = read_story(tmp_path / "missing", 2)
    assert story.pid is None
    assert story.silent


def test_a_line_that_was_cut_by_the_end_of_its_rank_is_passed_over(tmp_path):
    journal = tmp_path / "journal"
    journal.write_text(STARTED + '{"event": "enter", "whe')
    story = read_story(journal, 0)
    assert story.pid == 7
    assert story.where == "the start of the session"


def test_a_rank_that_ended_is_not_silent(tmp_path):
    journal = tmp_path / "journal"
    journal.write_text(STARTED + '{"event": "end", "status": 0}\n')
    assert not read_story(journal, 0).silent
