"""One rule for what an output may replace."""

import os
import socket
import stat
import struct
from pathlib import Path

import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.files.target import keep_attributes, resolve_target
from hpcpy_testing.ordinary_user import as_ordinary_user, folder_of_ordinary_user

ACL = "system.posix_acl_access"


def test_what_stands_there_is_told(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("later")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "to-fifo").symlink_to("fifo")
    seen = {
        name: (found.kind, found.path.name)
        for name in ("file", "link", "dangling", "new", "fifo", "to-fifo")
        for found in [resolve_target(tmp_path / name)]
    }
    assert seen == {
        "file": ("regular", "file"),
        "link": ("regular", "file"),
        "dangling": ("absent", "later"),
        "new": ("absent", "new"),
        "fifo": ("special", "fifo"),
        "to-fifo": ("special", "to-fifo"),
    }
    assert resolve_target("/dev/null").kind == "special"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("dangling", "fifo", "file", "link", "to-fifo")
    ]


def test_what_an_open_descriptor_leads_to_is_written_to(tmp_path):
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    with (tmp_path / "file").open("wb") as file, (tmp_path / "file").open("rb") as reading:
        for path in (f"/dev/fd/{file.fileno()}", f"/proc/self/fd/{file.fileno()}"):
            target = resolve_target(path)
            assert (target.kind, target.descriptor) == ("special", file.fileno())
        with pytest.raises(FileError, match="open for reading only"):
            resolve_target(f"/dev/fd/{reading.fileno()}")
    assert resolve_target("/dev/stdout").descriptor == 1
    assert resolve_target(tmp_path / "stdout").descriptor == 1
    with pytest.raises(FileError, match="descriptor 987 is not open"):
        resolve_target("/dev/fd/987")
    folder = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(FileError, match="is a directory"):
        resolve_target(f"/dev/fd/{folder}")
    os.close(folder)


def test_what_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "to-nowhere").symlink_to("no/where")
    (tmp_path / "folder-link").symlink_to(".")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    for name, words in {
        "": "is a directory: name a file in it",
        "folder-link": "is a directory: name a file in it",
        "file/below": "file: Not a directory",
        "missing/below": "missing: No such file",
        "to-nowhere": "no: No such file",
        "loop": "Too many levels",
        "socket": "it is a socket",
        "n" * 300: "File name too long",
        "a\0b": "null byte",
    }.items():
        with pytest.raises(FileError, match=f"^cannot write .*{words}"):
            resolve_target(tmp_path / name)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(FileError, match=r"^cannot write a: the working directory was removed"):
        resolve_target("a")
    assert resolve_target(tmp_path / "new").kind == "absent"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes nodes")
def test_a_disk_is_refused(tmp_path):
    os.mknod(tmp_path / "disk", 0o600 | stat.S_IFBLK, os.makedev(7, 250))
    with pytest.raises(FileError, match="it is a block device"):
        resolve_target(tmp_path / "disk")


def test_a_file_that_the_user_may_not_write_is_refused():
    with folder_of_ordinary_user() as folder:
        (folder / "file").touch()
        os.mkfifo(folder / "fifo")
        for name in ("file", "fifo"):
            (folder / name).chmod(0o444)

            def resolve(path=folder / name):
                return resolve_target(path)

            with pytest.raises(FileError, match=r"you may not write to it \(mode 444"):
                as_ordinary_user(resolve)
            if os.geteuid() == 0:  # who may write everything
                assert resolve().kind in ("regular", "special")


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")
@pytest.mark.parametrize("kind", ["link", "file", "fifo"])
def test_what_another_user_plants_in_an_open_folder_is_refused(kind):
    with folder_of_ordinary_user() as folder:
        shared = folder / "shared"
        shared.mkdir()
        os.chown(folder, 0, 0)
        shared.chmod(0o1777)
        (folder / "private").write_text("root's")

        def plant():
            path = shared / "report.json"
            if kind == "link":
                path.symlink_to(folder / "private")
            elif kind == "file":
                path.touch()
            else:
                os.mkfifo(path)
            path.chmod(0o666) if kind != "link" else None

        as_ordinary_user(plant)
        with pytest.raises(FileError, match=r"of another user.s .* that everybody may write"):
            resolve_target(shared / "report.json")
        assert as_ordinary_user(lambda: resolve_target(shared / "new").kind) == "absent"


def make_pair(folder, mode):
    old, new = folder / "old", folder / "new"
    old.touch()
    old.chmod(mode)
    new.touch()
    new.chmod(0o600)
    return old, new


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o755])
def test_the_mode_is_kept(tmp_path, mode):
    old, new = make_pair(tmp_path, mode)
    keep_attributes(resolve_target(old), new)
    assert new.stat().st_mode & 0o7777 == mode


def test_nothing_is_kept_of_what_was_not_there(tmp_path):
    (tmp_path / "new").touch(mode=0o600)
    keep_attributes(resolve_target(tmp_path / "old"), tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o7777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_owner_and_group_are_kept_by_root(tmp_path):
    old, new = make_pair(tmp_path, 0o640)
    os.chown(old, 1234, 4321)
    keep_attributes(resolve_target(old), new)
    found = new.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (1234, 4321, 0o640)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_group_that_cannot_be_kept_gives_no_other_one_its_rights():
    with folder_of_ordinary_user() as folder:
        old = folder / "old"
        old.touch()
        os.chown(old, 65534, 4321)
        old.chmod(0o664)

        def replace():
            (folder / "new").touch()
            keep_attributes(resolve_target(old), folder / "new")

        as_ordinary_user(replace)
        found = (folder / "new").stat()
        assert (found.st_gid, found.st_mode & 0o7777) == (65534, 0o644)


def encode_acl(*entries):
    """Return an access list as the system stores it; see acl(5) and linux/posix_acl_xattr.h."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


ALLOW_1234 = encode_acl(
    (0x01, 6, 0xFFFFFFFF),  # the owner
    (0x02, 4, 1234),
    (0x04, 0, 0xFFFFFFFF),  # the group
    (0x10, 4, 0xFFFFFFFF),  # the mask
    (0x20, 0, 0xFFFFFFFF),  # others
)


def test_the_access_list_is_kept(tmp_path):
    old, new = make_pair(tmp_path, 0o640)
    try:
        os.setxattr(old, ACL, ALLOW_1234)
    except OSError:
        pytest.skip("no access lists on this file system")
    keep_attributes(resolve_target(old), new)
    assert os.getxattr(new, ACL) == ALLOW_1234
    assert new.stat().st_mode & 0o7777 == 0o640


def test_the_folders_access_list_does_not_open_a_file_that_had_none(tmp_path):
    old = tmp_path / "old"
    old.touch()
    old.chmod(0o600)
    try:
        os.setxattr(tmp_path, "system.posix_acl_default", ALLOW_1234)
    except OSError:
        pytest.skip("no access lists on this file system")
    new = tmp_path / "new"
    new.touch()
    assert os.listxattr(new) == [ACL]
    keep_attributes(resolve_target(old), new)
    assert os.listxattr(new) == []
    assert new.stat().st_mode & 0o7777 == 0o600


def test_a_link_of_proc_to_a_removed_file_is_written_to(tmp_path):
    import subprocess

    with subprocess.Popen(
        ["sh", "-c", "exec 9>f; rm f; echo; read x"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        other.stdout.read(1)
        path = Path(f"/proc/{other.pid}/fd/9")
        assert resolve_target(path).kind == "special"
        other.communicate(b"\n")
