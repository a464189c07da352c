from collections import Counter
from pathlib import Path

import pytest

from hpcpy_testing.launch_file import Launch
from hpcpy_testing.launch_folder import LaunchFolder
from hpcpy_testing.report import report_launch, report_summary
from hpcpy_testing.run_job import Completed
from hpcpy_testing.story import Story
from hpcpy_testing.verdict import Blame, Verdict


@pytest.fixture
def launch(tmp_path, monkeypatch):
    """Make a launch of two ranks; in a red one rank 1 failed."""
    monkeypatch.chdir(tmp_path)

    def make(*, red: bool, where: str = "some/test_x.py::test_y") -> Launch:
        folder = LaunchFolder(tmp_path)
        for rank in (0, 1):
            folder.log(rank).write_text(f"log of rank {rank}\n")
        blames = (Blame(rank=1, where=where, why="it broke"),) if red else ()
        return Launch(
            file=Path.cwd() / "deep" / "test_x.py",
            ranks=2,
            folder=folder,
            completed=Completed(
                returncode=int(red),
                stdout="mpiexec says\0\n",
                stderr="",
                seconds=1.25,
                timed_out=False,
                leftovers=("process 7: sleep",),
            ),
            stories=[Story(rank=rank, pid=rank, status=rank) for rank in (0, 1)],
            verdict=Verdict(blames=blames, tests=Counter(passed=2, failed=int(red))),
        )

    return make


def test_a_green_launch_is_one_line_besides_what_it_left_behind(launch, capsys):
    report_launch(launch(red=False))
    assert capsys.readouterr().out.splitlines() == [
        "green 2 ranks  deep/test_x.py  2 passed, 0 failed, 0 skipped  1.2 s",
        "  left behind, now killed: process 7: sleep",
    ]


def test_a_red_launch_shows_the_log_of_the_blamed_rank_only(launch, capsys):
    report_launch(launch(red=True))
    output = capsys.readouterr().out
    assert "rank 1 of 2, in deep/test_x.py::test_y: it broke\nlog of rank 1\n" in output
    assert "log of rank 0" not in output
    assert output.endswith("mpiexec returned 1\nmpiexec says\n")


def test_a_part_of_the_session_that_is_no_test_is_named_as_it_is(launch, capsys):
    report_launch(launch(red=True, where="the collection"))
    assert "rank 1 of 2, in the collection: it broke" in capsys.readouterr().out


def test_the_summary_ends_with_the_totals_alone_on_a_line(launch, capsys):
    assert not report_summary([launch(red=False), launch(red=True)])
    *_, blame, totals = capsys.readouterr().out.splitlines()
    assert blame == "    rank 1 of 2, in deep/test_x.py::test_y: it broke"
    assert totals == "4 passed, 1 failed, 0 skipped"


def test_a_green_summary_is_the_totals(launch, capsys):
    assert report_summary([launch(red=False)])
    assert capsys.readouterr().out == "2 passed, 0 failed, 0 skipped\n"
