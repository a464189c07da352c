import os
import subprocess
import sys
import time

import pytest

from hpcpy_doctor import scratch
from hpcpy_doctor.scratch import BEGIN, MARKER, scratch_folder, sweep_scratch

DIES = """
import os, sys, signal
from pathlib import Path
from hpcpy_doctor.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "blocks").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def left(tmp_path):
    """What a process that was killed has left."""
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False)
    (folder,) = tmp_path.iterdir()
    return folder


def test_it_is_private_and_gone_at_the_end(tmp_path):
    with scratch_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700
        sweep_scratch(tmp_path)
        assert (folder / MARKER).exists()  # its process lives
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(left, tmp_path):
    assert {path.name for path in left.iterdir()} == {MARKER, "blocks"}
    sweep_scratch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_one_is_removed_too(left, tmp_path):
    for path in left.iterdir():
        path.unlink()
    sweep_scratch(tmp_path)
    assert not left.exists()


@pytest.mark.parametrize("what", ["no marker", "name", "rights", "link", "file"])
def test_what_is_not_ours_stays(left, tmp_path, what):
    name = left.name
    if what == "no marker":
        (left / MARKER).unlink()
    elif what == "name":
        left.rename(tmp_path / f"{name}.thesis")
    elif what == "rights":
        left.chmod(0o755)
    else:
        other = tmp_path / "thesis"
        left.rename(other)
        (tmp_path / name).symlink_to(other) if what == "link" else (tmp_path / name).touch()
    before = sorted(tmp_path.rglob("*"))
    sweep_scratch(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_that_of_another_machine_stays_for_a_day(left, tmp_path, monkeypatch):
    name = left.name.split("-")
    index = len(BEGIN.split("-"))
    other = tmp_path / "-".join([*name[:index], "0" * 16, *name[index + 1 :]])
    left.rename(other)
    sweep_scratch(tmp_path)
    assert other.exists()
    old = time.time() - scratch.FOREIGN_SECONDS - 60
    os.utime(other, (old, old))
    sweep_scratch(tmp_path)
    assert not other.exists()


def test_a_folder_that_is_gone_is_no_error(tmp_path):
    sweep_scratch(tmp_path / "gone")
