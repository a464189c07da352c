"""A directory is held as long as its job lives."""

import fcntl
import json
import os
import platform
import signal
import subprocess
import sys

import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.files.hold import LOCK, HeldError, hold_directory

HOLDER = """
import sys
from pathlib import Path
from hpcpy_core.files.hold import hold_directory
with hold_directory(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def start_holder(path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout.readline() == "held\n"
    return holder


def test_another_process_is_refused_and_told_who_holds(tmp_path):
    holder = start_holder(tmp_path)
    with holder:
        words = rf"in use by process {holder.pid} on {platform.node()}, since 20\d\d-.* UTC: wait"
        with pytest.raises(HeldError, match=words) as caught, hold_directory(tmp_path):
            pass
        assert caught.value.exit_code == 2
        holder.communicate()
    assert not list(tmp_path.iterdir())
    with hold_directory(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [LOCK]
    assert not list(tmp_path.iterdir())


def test_a_dead_one_holds_nothing(tmp_path):
    with start_holder(tmp_path) as holder:
        holder.send_signal(signal.SIGKILL)
    assert (tmp_path / LOCK).exists()
    with hold_directory(tmp_path):
        assert json.loads((tmp_path / LOCK).read_text())["process"] == os.getpid()
    assert not list(tmp_path.iterdir())


def test_it_is_not_held_twice_by_one_process_and_free_after_an_error(tmp_path):
    def fail():
        with hold_directory(tmp_path):
            with pytest.raises(HeldError), hold_directory(tmp_path):
                pass
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("note", ["", "{", "[1]", '{"process": 1}', "[" * 100_000, "\0" * 99])
def test_a_note_that_makes_no_sense_holds_nothing(tmp_path, note):
    (tmp_path / LOCK).write_text(note)
    with hold_directory(tmp_path):
        pass
    (tmp_path / LOCK).write_text(note)
    with (tmp_path / LOCK).open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(HeldError, match="in use by another process"), hold_directory(tmp_path):
            pass


def test_planted_and_impossible_locks_are_refused(tmp_path):
    (tmp_path / "victim").write_text("mine")
    (tmp_path / LOCK).symlink_to("victim")
    with pytest.raises(FileError, match=r"cannot lock .*symbolic links"), hold_directory(tmp_path):
        pass
    assert (tmp_path / "victim").read_text() == "mine"
    (tmp_path / LOCK).unlink()
    os.mkfifo(tmp_path / LOCK)
    with pytest.raises(FileError, match="is a FIFO: remove it"), hold_directory(tmp_path):
        pass
    with pytest.raises(FileError, match="No such file"), hold_directory(tmp_path / "missing"):
        pass


def refuse_locks(descriptor, operation):
    raise OSError(38, "Function not implemented")


@pytest.mark.parametrize("alive", [True, False])
def test_without_locks_a_holder_in_this_system_is_believed_while_it_lives(
    tmp_path, monkeypatch, alive
):
    with subprocess.Popen(["sleep", "60"]) as other:
        note = {"process": other.pid, "host": platform.node(), "since": "then"}
        if not alive:
            other.kill()
            other.wait()
        (tmp_path / LOCK).write_text(json.dumps(note))
        monkeypatch.setattr(fcntl, "flock", refuse_locks)
        if alive:
            with pytest.raises(HeldError, match="since then"), hold_directory(tmp_path):
                pass
            other.kill()
        else:
            with hold_directory(tmp_path):
                pass
            assert not list(tmp_path.iterdir())


def test_without_locks_a_number_that_another_process_has_now_holds_nothing(tmp_path, monkeypatch):
    """In containers the same numbers come again, even this process's own."""
    monkeypatch.setattr(fcntl, "flock", refuse_locks)
    with hold_directory(tmp_path):
        note = json.loads((tmp_path / LOCK).read_text())
        with pytest.raises(HeldError), hold_directory(tmp_path):
            pass
    for start in ("an earlier boot 17", note["start"] + "1"):
        (tmp_path / LOCK).write_text(json.dumps({**note, "start": start}))
        with hold_directory(tmp_path):
            pass
        assert not list(tmp_path.iterdir())


def test_one_who_waits_for_the_file_that_is_being_removed_gets_the_new_one(tmp_path, monkeypatch):
    """Else two would hold: one a file without a name, the other the new file."""
    lock, removed = fcntl.flock, []

    def lock_a_removed_one(descriptor, operation):
        lock(descriptor, operation)
        if not removed:
            removed.append((tmp_path / LOCK).unlink())

    monkeypatch.setattr(fcntl, "flock", lock_a_removed_one)
    with hold_directory(tmp_path):
        monkeypatch.undo()
        with pytest.raises(HeldError), hold_directory(tmp_path):
            pass
