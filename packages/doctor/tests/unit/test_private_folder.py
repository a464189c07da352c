import json
import os
import tempfile
import time
from dataclasses import asdict

import pytest

from hpcpy_doctor.private_folder import (
    check_private,
    leave_folder,
    list_bases,
    make_folder,
    remove_leftovers,
)
from hpcpy_doctor.process import Process


@pytest.fixture
def base(tmp_path):
    return tmp_path / "base"


def test_it_is_made_for_this_user_alone(base):
    folder = make_folder(base, "launch")
    assert make_folder(base, "launch") == folder
    assert {path.stat().st_mode & 0o777 for path in (base, folder)} == {0o700}


@pytest.mark.parametrize("mode", [0o750, 0o702, 0o777])
def test_a_folder_that_others_may_enter_is_refused(base, mode):
    base.mkdir()
    base.chmod(mode)
    with pytest.raises(PermissionError, match="not a folder of this user alone"):
        make_folder(base, "launch")


def test_a_link_or_a_file_is_refused(base, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    base.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        check_private(base)
    base.unlink()
    base.touch(mode=0o600)
    with pytest.raises(OSError, match=r"not a folder|exists"):
        make_folder(base, "launch")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_folder_of_another_user_is_refused(base):
    base.mkdir(mode=0o700)
    os.chown(base, 12345, 12345)
    with pytest.raises(PermissionError):
        check_private(base)


def test_what_a_dead_launch_has_left_is_removed_and_the_rest_stays(base):
    dead, living, theirs = (make_folder(base, name) for name in ("d" * 16, "1" * 16, "thesis"))
    for folder in (dead, living, theirs):
        (folder / f"{'a' * 16}.hello").touch()
    old = time.time() - 2 * 3600
    for folder in (dead, theirs):
        os.utime(folder, (old, old))
    remove_leftovers(base)
    assert {path.name for path in base.iterdir()} == {living.name, "thesis"}


def test_what_is_not_called_like_ours_stays(base):
    folder = make_folder(base, "d" * 16)
    (folder / "reporter").touch()
    (folder / "thesis.txt").touch()
    os.utime(folder, (0, 0))
    remove_leftovers(base)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_launch_whose_reporter_died_is_removed_at_once(base, dead_process):
    for key, process in (("d" * 16, dead_process), ("1" * 16, Process.read())):
        (make_folder(base, key) / "reporter").write_text(json.dumps(asdict(process)))
    os.mkfifo(make_folder(base, "f" * 16) / "reporter")
    (make_folder(base, "e" * 16) / "reporter").write_text("garbage")
    remove_leftovers(base)
    assert {path.name[0] for path in base.iterdir()} == {"1", "e", "f"}
    (base / ("1" * 16) / "reporter").unlink()


def test_in_a_folder_of_others_nothing_is_removed(base):
    dead = make_folder(base, "d" * 16)
    os.utime(dead, (0, 0))
    base.chmod(0o755)
    remove_leftovers(base)
    assert dead.exists()


def test_it_is_removed_when_it_is_empty_only(base):
    folder = make_folder(base, "launch")
    (folder / "letter").touch()
    leave_folder(folder)
    assert folder.exists()
    (folder / "letter").unlink()
    leave_folder(folder)
    assert not base.exists()


def test_processes_on_one_node_meet_in_the_temporary_folder_others_in_a_shared_one(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", "/dev/shm")
    name = f".hpcpy-doctor-{os.geteuid()}"
    places = [tempfile.gettempdir(), str(tmp_path)]
    assert [str(base) for base in list_bases(one_node=True)] == [f"{one}/{name}" for one in places]
    assert [str(base.parent) for base in list_bases(one_node=False)] == places[::-1]


def test_a_working_directory_that_is_gone_is_no_error(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert len(list(list_bases(one_node=True))) == 1
