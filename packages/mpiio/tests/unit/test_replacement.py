import os
import stat
from pathlib import Path

import pytest

from hpcpy_core.errors import FileError, HpcpyError, InputError
from hpcpy_mpiio import replacement as replacement_module
from hpcpy_mpiio.replacement import fsync, start_replacement
from hpcpy_testing.ordinary_user import as_ordinary_user, folder_of_ordinary_user


def test_new_file_appears_only_when_published(tmp_path):
    path = tmp_path / "u.npy"
    replacement = start_replacement(path, b"head", overwrite=False)
    assert not path.exists()
    assert replacement.temporary.parent == tmp_path
    with replacement.temporary.open("ab") as stream:
        stream.write(b" and items")
    replacement.publish()
    assert path.read_bytes() == b"head and items"
    assert list(tmp_path.iterdir()) == [path]


def test_longer_old_file_leaves_no_tail(tmp_path):
    path = tmp_path / "u.npy"
    path.write_bytes(b"a much longer old file")
    replacement = start_replacement(path, b"head", overwrite=True)
    assert path.read_bytes() == b"a much longer old file"
    replacement.publish()
    assert path.read_bytes() == b"head"


def test_discard_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "u.npy"
    path.write_bytes(b"old")
    start_replacement(path, b"head", overwrite=True).discard()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_permissions_are_those_that_the_umask_leaves(tmp_path, umask):
    before = os.umask(umask)
    try:
        start_replacement(tmp_path / "u.npy", b"head", overwrite=False).publish()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "u.npy").stat().st_mode) == 0o666 & ~umask


def test_symbolic_link_is_followed(tmp_path):
    (tmp_path / "scratch").mkdir()
    link, real = tmp_path / "u.npy", tmp_path / "scratch" / "real.npy"
    link.symlink_to(real)
    start_replacement(link, b"head", overwrite=False).publish()
    assert link.is_symlink()
    assert real.read_bytes() == b"head"


def test_two_replacements_of_one_file_do_not_meet(tmp_path):
    first = start_replacement(tmp_path / "u.npy", b"first", overwrite=False)
    second = start_replacement(tmp_path / "u.npy", b"second", overwrite=False)
    assert first.temporary != second.temporary
    assert first.temporary.read_bytes() == b"first"


def test_name_as_long_as_the_system_allows(tmp_path):
    path = tmp_path / ("é" * 127)
    start_replacement(path, b"head", overwrite=False).publish()
    assert path.read_bytes() == b"head"


def test_existing_file_is_kept_without_overwrite(tmp_path):
    path = tmp_path / "u.npy"
    path.write_bytes(b"old")
    with pytest.raises(InputError, match=r"u\.npy exists: pass overwrite=True"):
        start_replacement(path, b"head", overwrite=False)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("path", [Path("/dev/null"), Path()], ids=["device", "folder"])
def test_what_is_no_regular_file_is_never_replaced(path, overwrite):
    with pytest.raises(InputError, match="not a regular file"):
        start_replacement(path, b"head", overwrite=overwrite)


def test_missing_folder_is_not_created(tmp_path):
    with pytest.raises(InputError, match=r"create the folder .*missing"):
        start_replacement(tmp_path / "missing" / "u.npy", b"head", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_takes_no_file():
    # Root may write to any folder, but not even root creates a file in /proc.
    with pytest.raises(HpcpyError, match="/proc"):
        start_replacement(Path("/proc/u.npy"), b"head", overwrite=False)


def test_folder_without_permission_is_bad_input(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_, **__: False)  # chmod does not stop root
    with pytest.raises(InputError, match="may not write to the folder"):
        start_replacement(tmp_path / "u.npy", b"head", overwrite=False)


def test_name_that_the_system_refuses_is_a_file_error(tmp_path):
    with pytest.raises(FileError, match="File name too long"):
        start_replacement(tmp_path / ("u" * 300), b"head", overwrite=False)


def test_header_that_does_not_fit_on_the_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor, mode):
        os.close(descriptor)
        return Path("/dev/full").open(mode)

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(FileError, match="No space left"):
        start_replacement(tmp_path / "u.npy", b"head", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_temporary_that_was_lost_is_a_file_error(tmp_path):
    path = tmp_path / "u.npy"
    path.write_bytes(b"old")
    replacement = start_replacement(path, b"head", overwrite=True)
    replacement.temporary.unlink()
    with pytest.raises(FileError, match=r"cannot write .*u\.npy"):
        replacement.publish()
    replacement.discard()
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("link", [False, True], ids=["file", "symbolic link"])
def test_what_was_planted_under_the_temporary_name_is_not_written(tmp_path, monkeypatch, link):
    victim, planted = tmp_path / "victim", tmp_path / ".u.npy.planted.tmp"
    victim.write_bytes(b"precious")
    planted.symlink_to(victim) if link else planted.hardlink_to(victim)
    monkeypatch.setattr(replacement_module, "name_temporary", lambda name: planted.name)
    with pytest.raises(FileError, match="File exists"):
        start_replacement(tmp_path / "u.npy", b"head", overwrite=False)
    assert victim.read_bytes() == b"precious"
    assert {path.name for path in tmp_path.iterdir()} == {"victim", planted.name}


def test_what_a_killed_job_left_is_swept(tmp_path, leave_temporary):
    stale = leave_temporary(tmp_path / "u.npy")
    replacement = start_replacement(tmp_path / "u.npy", b"head", overwrite=False)
    assert not stale.exists()
    assert replacement.temporary.exists()


def test_fsync_takes_files_and_folders(tmp_path):
    (tmp_path / "u.npy").write_bytes(b"head")
    fsync(tmp_path / "u.npy")
    fsync(tmp_path)
    with pytest.raises(OSError, match="No such file"):
        fsync(tmp_path / "missing")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path, mode):
    path = tmp_path / "u.npy"
    path.write_bytes(b"old")
    path.chmod(mode)
    replacement = start_replacement(path, b"head", overwrite=True)
    assert stat.S_IMODE(replacement.temporary.stat().st_mode) == 0o600
    replacement.publish()
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_bytes() == b"head"


@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_file_that_the_user_may_not_write_is_not_replaced(through_a_link):
    with folder_of_ordinary_user() as folder:
        path, link = folder / "u.npy", folder / "link.npy"
        link.symlink_to(path)

        def work():
            path.write_bytes(b"old")
            path.chmod(0o444)
            start_replacement(link if through_a_link else path, b"head", overwrite=True)

        with pytest.raises(InputError, match="you may not write to it"):
            as_ordinary_user(work)
        assert path.read_bytes() == b"old"
        assert {entry.name for entry in folder.iterdir()} == {"u.npy", "link.npy"}


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "p")
    with pytest.raises(InputError, match=r"a FIFO.*which only a file has"):
        start_replacement(tmp_path / "p", b"head", overwrite=True)
    assert (tmp_path / "p").is_fifo()


@pytest.mark.parametrize("path", ["", "a\0b", None, 3, b"\0"])
def test_what_is_no_path_is_bad_input(path):
    with pytest.raises(InputError, match="path"):
        start_replacement(path, b"head", overwrite=False)


def test_a_file_that_does_not_fit_is_refused_by_the_numbers(tmp_path):
    with pytest.raises(InputError, match=r"needs .* GiB, and .* GiB free: .*check_room=False"):
        start_replacement(tmp_path / "u.npy", b"head", overwrite=False, needed=2**62)
    assert list(tmp_path.iterdir()) == []
