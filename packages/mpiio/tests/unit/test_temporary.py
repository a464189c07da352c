import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hpcpy_mpiio import temporary as temporary_module
from hpcpy_mpiio.temporary import is_stale, name_temporary, sweep, sweep_once

DAYS = 86_400


@pytest.fixture(autouse=True)
def _forget_own_name():
    temporary_module._identify_process.cache_clear()
    yield
    temporary_module._identify_process.cache_clear()


@pytest.fixture
def named_by_another(tmp_path):
    """Let another process name and create temporaries; it lives until told to end."""
    processes = []

    def start():
        program = (
            "import sys; from pathlib import Path;"
            "from hpcpy_mpiio.temporary import name_temporary;"
            "path = Path(sys.argv[1]) / name_temporary('u.npy'); path.touch();"
            "print(path, flush=True); sys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_name_tells_the_target_and_is_new_every_time():
    first, second = name_temporary("u.npy"), name_temporary("u.npy")
    assert first != second
    assert first.startswith(".u.npy.")
    assert first.endswith(".tmp")


def test_name_fits_into_255_bytes():
    assert len(name_temporary("é" * 127).encode()) <= 255


def test_own_temporary_is_not_stale(tmp_path):
    path = tmp_path / name_temporary("u.npy")
    path.touch()
    assert not is_stale(path)


def test_temporary_of_a_job_is_stale_once_the_job_is_dead(named_by_another):
    process, path = named_by_another()
    assert not is_stale(path)
    os.utime(path, (0, 0))  # a job may be slow
    assert not is_stale(path)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_stale(path), "a zombie writes no more"
    process.wait()
    assert is_stale(path)


def test_process_number_that_another_process_got_does_not_keep_a_temporary(tmp_path, monkeypatch):
    real = temporary_module._read_start
    monkeypatch.setattr(temporary_module, "_read_start", lambda process: real(process) - 1)
    path = tmp_path / name_temporary("u.npy")
    path.touch()
    monkeypatch.undo()
    temporary_module._identify_process.cache_clear()
    assert is_stale(path)


def test_process_of_another_user_lives(tmp_path, leave_temporary, monkeypatch):
    def refuse(process, number):
        raise PermissionError

    path = leave_temporary(tmp_path / "u.npy")
    monkeypatch.setattr(os, "kill", refuse)
    assert not is_stale(path)


def test_temporary_of_another_system_is_stale_after_a_day(tmp_path, monkeypatch):
    monkeypatch.setattr(temporary_module, "_identify_system", lambda: "00000000")
    path = tmp_path / name_temporary("u.npy")
    path.touch()
    monkeypatch.undo()
    temporary_module._identify_process.cache_clear()
    assert not is_stale(path)
    os.utime(path, times=(time.time() - 0.9 * DAYS,) * 2)
    assert not is_stale(path)
    os.utime(path, times=(time.time() - 1.1 * DAYS,) * 2)
    assert is_stale(path)


@pytest.mark.parametrize(
    "name", ["u.npy", ".u.npy.tmp", ".u.npy.0123456789abcdef.tmp", "x{}", "{}.npy", ".u.npy..tmp"]
)
def test_other_files_are_never_stale(tmp_path, leave_temporary, name):
    path = tmp_path / name.format(leave_temporary(tmp_path / "u.npy").name)
    path.touch()
    os.utime(path, (0, 0))
    assert not is_stale(path)


def test_sweep_removes_what_is_stale_and_nothing_else(tmp_path, leave_temporary):
    stale, other = leave_temporary(tmp_path / "u.npy"), leave_temporary(tmp_path / "v.npy")
    mine = tmp_path / name_temporary("u.npy")
    mine.touch()
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    link = leave_temporary(tmp_path / "link.npy")
    link.unlink()
    link.symlink_to(victim)
    folder = leave_temporary(tmp_path / "folder.npy")
    folder.unlink()
    folder.mkdir()
    (folder / "zarr.json").touch()
    sweep(tmp_path)
    assert not stale.exists()
    assert not other.exists()
    assert set(tmp_path.iterdir()) == {mine, victim, link}
    assert victim.read_bytes() == b"precious"


def test_sweep_that_may_not_look_or_remove_is_no_error(tmp_path, leave_temporary, monkeypatch):
    sweep(tmp_path / "missing")
    stale = leave_temporary(tmp_path / "u.npy")

    def refuse(path):
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    sweep(tmp_path)
    assert stale.exists()


def test_a_folder_is_listed_once(tmp_path, leave_temporary):
    sweep_once(tmp_path)
    stale = leave_temporary(tmp_path / "u.npy")
    sweep_once(tmp_path)
    assert stale.exists()


def test_a_folder_with_a_users_files_and_what_others_own_is_never_stale(tmp_path, leave_temporary):
    folder = leave_temporary(tmp_path / "u.zarr")
    folder.unlink()
    folder.mkdir()
    assert is_stale(folder)
    (folder / "thesis.txt").touch()
    assert not is_stale(folder)
    if os.geteuid() == 0:
        theirs = leave_temporary(tmp_path / "u.npy")
        os.chown(theirs, 65534, 65534)
        assert not is_stale(theirs)
