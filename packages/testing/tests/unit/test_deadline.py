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


WAITS = """
    import threading, time
    from pathlib import Path
    from hpcpy_testing import deadline as module
    from hpcpy_testing.journal import Journal

    module.POLL, module.GRACE = 0.02, 0.1

    class Outcomes:
        def find_difference(self, where):
            return "rank 1 skipped it" if where == "test_a" else None

    watch = module.Deadline(60, rank=0, size=2, descriptor=2, journal=Journal(Path("journal")),
                            folder=None)
    watch.compare(Outcomes())
    watch.start()
    watch.enter("test_b")
    time.sleep(1)
    watch.enter("test_a")
    end = time.monotonic() + 1
    while time.monotonic() < end:
        sum(range(1000))  # as a rank that computes
    print("computed", flush=True)
    {then}
    watch.enter("test_c")
    print("left", flush=True)
    watch.stop()
"""


def wait(tmp_path, then):
    program = textwrap.dedent(WAITS.format(then=then))
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ended, (tmp_path / "journal").read_text()


def test_a_rank_that_is_stuck_in_a_test_that_another_skipped_is_ended(tmp_path):
    ended, journal = wait(tmp_path, "threading.Event().wait(50)")
    assert (ended.returncode, ended.stdout) == (EXIT_STATUS, "computed\n")
    assert "\nrank 1 skipped it; rank 0 of 2 is in the call: " in ended.stderr
    assert '"event": "refused"' in journal
    assert '"where": "test_a"' in journal


def test_one_that_skips_as_well_later_is_not(tmp_path):
    ended, journal = wait(tmp_path, "time.sleep(0.04)")
    assert (ended.returncode, ended.stdout) == (0, "computed\nleft\n")
    assert "refused" not in journal
