import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_spawn_pi import matrix as module
from hpcpy_spawn_pi.__main__ import main
from hpcpy_spawn_pi.attempt import Attempt
from hpcpy_spawn_pi.matrix import WAYS, draw_table

RIGHT = {"pi": 3.14, "mpi": "MPICH 5.0.2"}


def works(pi=3.14):
    return Attempt(outcome="works", seconds=1.25, report={**RIGHT, "pi": pi})


def refused(reason):
    return Attempt(outcome="refused", seconds=0.5, reason=reason, report={})


def test_equal_reasons_share_a_note():
    row = {title: works() for title in WAYS}
    cells = {
        "one": {**row, "spawn": refused("error: a"), "futures": refused("error: b")},
        "two": {**row, "spawn": refused("error: a")},
    }
    table = draw_table(cells, 2, 10.0)
    assert "new processes can be had: MPICH 5.0.2" in table.splitlines()[0]
    assert (
        "| `one` | works, 1.2 s | refused, 0.5 s [1] | refused, 0.5 s [2] | works, 1.2 s |" in table
    )
    assert "| `two` | works, 1.2 s | refused, 0.5 s [1] |" in table
    assert table.endswith("1. error: a\n2. error: b")
    assert max(map(len, table.splitlines())) < 120


def test_the_table_is_printed_and_written_as_a_whole(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(module, "find_launch_lines", lambda: {"none": (), "some": ("x",)})
    monkeypatch.setattr(module, "attempt", lambda *arguments: works())
    path = tmp_path / "spawn.md"
    assert main(["matrix", "--output", str(path)]) == 0
    assert path.read_text() == capsys.readouterr().out
    assert path.read_text().count("works, ") == 2 * len(WAYS)


def test_results_that_differ_are_no_table(monkeypatch, tmp_path, capsys):
    seen = iter([works(), works(3.15)] + 3 * [works()])
    monkeypatch.setattr(module, "find_launch_lines", lambda: {"none": ()})
    monkeypatch.setattr(module, "attempt", lambda *arguments: next(seen))
    path = tmp_path / "spawn.md"
    assert main(["matrix", "--output", str(path)]) == HpcpyError.exit_code
    assert "several results" in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--timeout", "0"], "--timeout"),
        (["--workers", "0"], "workers"),
        (["--output", "/nowhere/at/all.md"], "--output"),
    ],
)
def test_bad_input_starts_nothing(monkeypatch, capsys, arguments, words):
    monkeypatch.setattr(module, "find_launch_lines", lambda: pytest.fail("it has started"))
    assert main(["matrix", *arguments]) == 2
    assert words in capsys.readouterr().err
