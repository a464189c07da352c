import sys

import pytest

from hpcpy_doctor.looks.ask_child import NoAnswerError, ask_child


@pytest.fixture
def make_module(tmp_path, monkeypatch):
    """Return a function that writes a module for a process of its own, and returns its name."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def make(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return make


def test_later_lines_add_to_earlier_ones(make_module):
    text = 'import sys\nprint(\'{"a": 1, "b": 1}\\nnot JSON\\n{"b": 2}\')'
    name = make_module("says", text)
    assert ask_child(name) == {"a": 1, "b": 2}


def test_one_that_hangs_is_ended_and_what_it_said_is_kept(make_module):
    name = make_module("hangs", "import time\nprint('{\"a\": 1}', flush=True)\ntime.sleep(60)")
    with pytest.raises(NoAnswerError, match=r"no answer in 0\.5 s") as caught:
        ask_child(name, seconds=0.5)
    assert caught.value.hangs
    assert caught.value.heard == {"a": 1}


def test_last_words_of_one_that_fails(make_module):
    name = make_module("fails", "raise SystemExit('first\\nlast')")
    with pytest.raises(NoAnswerError, match=r"^last$") as caught:
        ask_child(name)
    assert not caught.value.hangs


def test_one_that_a_signal_ends(make_module):
    name = make_module("dies", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(NoAnswerError, match="ended by SIGSEGV"):
        ask_child(name)


def test_it_is_asked_once(make_module, tmp_path):
    text = f"open({str(tmp_path / 'runs')!r}, 'a').write('x')\nraise SystemExit('no')"
    name = make_module("once", text)
    for _ in range(2):
        with pytest.raises(NoAnswerError, match="no"):
            ask_child(name)
    assert (tmp_path / "runs").read_text() == "x"


def test_no_process_can_be_started(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(NoAnswerError, match="no process can be started"):
        ask_child("anything")
