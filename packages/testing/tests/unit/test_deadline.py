import subprocess
import sys
import textwrap

from hpcpy_testing.deadline import EXIT_STATUS, GRACE, describe


def test_the_message_names_rank_test_time_and_call():
    message = describe("rank 1 of 2", "test_x.py::test_y", 5.04, sys._getframe())
    first = message.splitlines()[1]
    assert first == (
        "rank 1 of 2 has been for 5.0 s in test_x.py::test_y, in the call: "
        'describe("rank 1 of 2", "test_x.py::test_y", 5.04, sys._getframe())'
    )


def test_the_stack_shows_the_test_and_hides_pytest():
    message = describe("rank 0 of 1", "here", 1.0, sys._getframe())
    assert "in test_the_stack_shows_the_test_and_hides_pytest" in message
    assert "pluggy" not in message
    assert "_pytest/" not in message


def test_an_expired_process_tells_where_it_is_and_fails(tmp_path):
    program = """
        import os, time
        from pathlib import Path
        from hpcpy_testing.deadline import Deadline
        from hpcpy_testing.journal import Journal
        journal = Journal(Path("journal"))
        watch = Deadline(0.5, rank=0, size=1, descriptor=2, journal=journal, folder=None)
        watch.start()
        watch.enter("test_x")
        time.sleep(30)
    """
    (tmp_path / "hangs.py").write_text(textwrap.dedent(program))
    ended = subprocess.run(
        [sys.executable, "hangs.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=10 + GRACE,
        check=False,
    )
    assert ended.returncode == EXIT_STATUS
    assert "s in test_x, in the call: time.sleep(30)" in ended.stderr
    assert '"event": "expired"' in (tmp_path / "journal").read_text()
