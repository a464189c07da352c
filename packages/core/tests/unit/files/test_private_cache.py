"""Caches that nobody else can put anything into."""

import os
import tempfile
from pathlib import Path

import pytest

from hpcpy_core.files import private_cache as module
from hpcpy_core.files.private_cache import is_trusted, private_folder, say_once, temporary_folder
from hpcpy_testing.ordinary_user import ORDINARY_USER, as_ordinary_user, folder_of_ordinary_user

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")


@pytest.fixture
def places(monkeypatch, tmp_path):
    """A cache and a place for temporary files of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)
    return tmp_path


def modes(path):
    return {part.name: part.stat().st_mode & 0o7777 for part in (path, path.parent)}


def test_it_is_made_for_this_user_alone(places):
    old = os.umask(0)
    try:
        found = private_folder("kernels")
    finally:
        os.umask(old)
    assert found.path == places / "cache" / "hpcpy" / "kernels"
    assert found.note is None
    assert modes(found.path) == {"kernels": 0o700, "hpcpy": 0o700}
    assert (places / "cache").stat().st_mode & 0o7777 == 0o700
    assert private_folder("kernels") == found


@pytest.mark.parametrize("variable", [None, ""])
def test_otherwise_it_is_in_the_home(monkeypatch, places, variable):
    monkeypatch.setenv("HOME", str(places / "home"))
    (places / "home").mkdir()
    monkeypatch.delenv("XDG_CACHE_HOME")
    if variable is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", variable)
    assert private_folder("a").path == places / "home" / ".cache" / "hpcpy" / "a"


def expect_elsewhere(places, words):
    found = private_folder("kernels")
    assert found.path == places / "tmp" / f"hpcpy-{os.geteuid()}" / "kernels"
    assert modes(found.path) == {"kernels": 0o700, f"hpcpy-{os.geteuid()}": 0o700}
    assert words in found.note
    assert "XDG_CACHE_HOME" in found.note


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
@pytest.mark.parametrize("name", ["hpcpy", "kernels"])
def test_a_folder_that_others_may_write_is_not_used(places, name, mode):
    folder = private_folder("kernels").path
    (folder if name == "kernels" else folder.parent).chmod(mode)
    expect_elsewhere(places, "others may write to")


@ROOT
@pytest.mark.parametrize("name", ["cache", "hpcpy", "kernels"])
def test_a_folder_of_another_user_is_not_used(places, name):
    folder = private_folder("kernels").path
    whose = {"kernels": folder, "hpcpy": folder.parent, "cache": folder.parent.parent}[name]
    os.chown(whose, ORDINARY_USER, -1)
    expect_elsewhere(places, f"is another user's (uid {ORDINARY_USER})")


@pytest.mark.parametrize("name", ["hpcpy", "kernels"])
@pytest.mark.parametrize("kind", ["link", "file", "fifo"])
def test_what_is_no_folder_is_not_used(places, name, kind):
    path = private_folder().path
    path = path / "kernels" if name == "kernels" else path
    if name == "hpcpy":
        path.rmdir()
    if kind == "link":
        (places / "elsewhere").mkdir()
        path.symlink_to(places / "elsewhere")
    elif kind == "file":
        path.touch()
    else:
        os.mkfifo(path)
    words = "is not a directory" if kind == "link" else "cannot be made: File exists"
    expect_elsewhere(places, words)


def test_a_cache_where_everybody_can_exchange_folders_is_not_used(places):
    (places / "cache").mkdir()
    (places / "cache").chmod(0o777)
    expect_elsewhere(places, "everybody may write to")
    (places / "cache").chmod(0o1777)  # like /tmp: there nobody can
    assert private_folder("kernels").note is None


@pytest.mark.parametrize("value", ["file/below", "loop", "n" * 300, "/proc/nothing", "/dev/null"])
def test_a_cache_that_cannot_be_made(places, monkeypatch, value):
    (places / "file").touch()
    (places / "loop").symlink_to("loop")
    monkeypatch.setenv("XDG_CACHE_HOME", str(places / value))
    expect_elsewhere(places, "since ")


def test_a_name_may_be_relative_unless_the_working_directory_was_removed(places, monkeypatch):
    monkeypatch.chdir(places)
    monkeypatch.setenv("XDG_CACHE_HOME", ".")
    assert private_folder("kernels").path == places / "hpcpy" / "kernels"
    (places / "gone").mkdir()
    monkeypatch.chdir(places / "gone")
    (places / "gone").rmdir()
    expect_elsewhere(places, "cannot be made: No such file")


def test_a_user_without_a_home(places, monkeypatch):
    def fail():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", fail)
    expect_elsewhere(places, "this user has no home")


def test_a_home_that_is_not_there_is_not_made(places, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(places / "absent"))
    expect_elsewhere(places, "absent, is not there")
    assert not (places / "absent").exists()


def test_a_user_without_an_entry_and_with_a_home_that_is_not_there():
    def look():
        os.environ["HOME"] = "/nonexistent"
        os.environ.pop("XDG_CACHE_HOME", None)
        tempfile.tempdir = str(folder)
        found = private_folder("kernels")
        (found.path / "a").touch(mode=0o600)
        return str(found.path), found.note, is_trusted(found.path / "a")

    with folder_of_ordinary_user() as folder:
        folder.chmod(0o1777)
        path, note, trusted = as_ordinary_user(look, user=54321)
        assert trusted
        assert Path(path).parent.parent == folder
        assert "/nonexistent" in note


def test_where_the_other_place_cannot_be_trusted_either_it_passes(places, monkeypatch):
    (places / "tmp" / f"hpcpy-{os.geteuid()}").mkdir()
    (places / "tmp" / f"hpcpy-{os.geteuid()}").chmod(0o777)
    removing = []
    monkeypatch.setattr(module.atexit, "register", lambda *call: removing.append(call))
    module._make_passing.cache_clear()
    found = temporary_folder("a", "b", reason="it is so")
    again = temporary_folder("a", "b", reason="it is so")
    assert found == again
    assert found.path.parts[-2:] == ("a", "b")
    assert found.path.parents[2] == places / "tmp"
    assert found.note.startswith(f"cache in {found.path}, since it is so; ")
    (function, *arguments) = removing.pop()
    function(found.path.parents[1], -1)  # a child
    assert found.path.exists()
    function(*arguments)
    assert not found.path.parents[1].exists()
    module._make_passing.cache_clear()


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o400])
def test_own_files_are_trusted(tmp_path, mode):
    (tmp_path / "a").touch()
    (tmp_path / "a").chmod(mode)
    assert is_trusted(tmp_path / "a")


def test_others_are_not(tmp_path):
    (tmp_path / "a").touch()
    for mode in (0o666, 0o620, 0o602):
        (tmp_path / "a").chmod(mode)
        assert not is_trusted(tmp_path / "a")
    (tmp_path / "a").chmod(0o600)
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "fifo", 0o600)
    for name in ("link", "fifo", ".", "missing"):
        assert not is_trusted(tmp_path / name)
    if os.geteuid() == 0:
        os.chown(tmp_path / "a", ORDINARY_USER, -1)
        assert not is_trusted(tmp_path / "a")


@pytest.mark.parametrize(("rank", "said"), [(None, 1), ("0", 1), ("1", 0)])
def test_a_note_is_said_once_in_a_job(monkeypatch, capsys, rank, said):
    for name in list(os.environ):
        if name.startswith(("PMI_", "OMPI_", "SLURM_", "MPI_LOCAL")):
            monkeypatch.delenv(name)
    if rank is not None:
        monkeypatch.setenv("OMPI_COMM_WORLD_RANK", rank)
        monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")
    say_once.cache_clear()
    for note in (None, "cache in /a", "cache in /a"):
        say_once(note)
    assert capsys.readouterr().err == "note: cache in /a\n" * said
    say_once.cache_clear()
