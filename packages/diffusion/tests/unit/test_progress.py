import io
import sys

from hpcpy_diffusion import progress
from hpcpy_diffusion.parameters import Parameters


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_timed_lines_where_there_is_no_terminal(monkeypatch, capsys):
    clock = iter([1.0, 6.0, 7.0, 12.0])
    monkeypatch.setattr(progress, "perf_counter", lambda: next(clock))
    parameters = Parameters(dx=1.0)
    with progress.show_progress(parameters) as on_step:
        for done in (16, 32, 40, 48):  # several steps at once
            on_step(done)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == ["step 32 of 60", "step 48 of 60"]
    assert "5 s" in lines[0]
    assert "11 s" in lines[1]
    assert lines[0].endswith("about 9 s left")


def test_a_run_that_continues_another_counts_its_own_steps(monkeypatch, capsys):
    clock = iter([1.0, 6.0])
    monkeypatch.setattr(progress, "perf_counter", lambda: next(clock))
    with progress.show_progress(Parameters(dx=1.0)) as on_step:
        on_step(41)
        on_step(42)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("step 42 of 60, ")
    assert line.endswith("about 90 s left")


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_REDRAWS", 0.0)
    with progress.show_progress(Parameters(dx=1.0)) as on_step:
        on_step(30)
        on_step(60)
    assert "time steps" in terminal.getvalue()
