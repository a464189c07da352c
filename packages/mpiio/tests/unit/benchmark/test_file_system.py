import errno
import fcntl
from pathlib import Path

import pytest

from hpcpy_mpiio.benchmark.file_system import UNKNOWN, find_file_system, note_on, try_lock

MOUNTS = r"""
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
22 21 0:21 / /proc rw - proc proc rw
23 21 0:30 / {folder}/nfs rw,noatime shared:3 master:1 - nfs4 server:/export/a\040b rw,vers=4.2,hard
24 21 0:31 / {folder}/nfs/deep rw - lustre 10.0.0.1@o2ib:/scratch rw,localflock
25 21 0:32 / {folder}/twice rw - tmpfs first rw
26 21 0:33 / {folder}/twice rw - overlay second rw,lowerdir=/l,upperdir=/u,workdir=/w
27 21 0:34 / {folder}/with\040space rw - fuse.sshfs me@host: rw
28 21 0:35 / {folder}/n rw - xfs /dev/vdb rw
a line that no kernel writes
"""


@pytest.fixture
def find(tmp_path):
    """Return a function that looks up a folder of its own in canned mounts."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.lstrip().format(folder=tmp_path))

    def find(name):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        return find_file_system(tmp_path / name, mounts)

    return find


@pytest.mark.parametrize(
    ("folder", "kind", "source"),
    [
        (".", "ext4", "/dev/vda"),
        ("nfs", "nfs4", "server:/export/a b"),
        ("nfs/inner", "nfs4", "server:/export/a b"),
        ("nfs/deep/x", "lustre", "10.0.0.1@o2ib:/scratch"),
        ("twice", "overlay", "second"),
        ("with space/x", "fuse.sshfs", "me@host:"),
        ("nothing", "ext4", "/dev/vda"),
    ],
)
def test_the_innermost_and_last_mount_counts(find, folder, kind, source):
    system = find(folder)
    assert (system.type, system.source) == (kind, source)


def test_options_of_mount_and_file_system(find):
    system = find("nfs")
    assert system.options == ("rw", "noatime", "vers=4.2", "hard")
    assert system.as_dict()["options"] == ["rw", "noatime", "vers=4.2", "hard"]


def test_a_link_leads_to_where_it_points(find, tmp_path):
    find("nfs")
    (tmp_path / "link").symlink_to(tmp_path / "nfs")
    assert find("link").type == "nfs4"


@pytest.mark.parametrize(
    ("folder", "word"),
    [
        ("nfs", "not coherent"),
        ("twice", "container"),
        ("with space", "FUSE"),
        ("nfs/deep", "without locks between nodes"),
    ],
)
def test_what_a_user_must_know(find, folder, word):
    assert word in note_on(find(folder))


def test_an_ordinary_disk_needs_no_warning(find):
    assert note_on(find("n")) == ""


def test_where_nothing_lists_mounts(tmp_path):
    assert find_file_system(tmp_path, tmp_path / "none") == UNKNOWN


def test_this_system_has_mounts():
    assert find_file_system(Path()).type


def test_locks(tmp_path, monkeypatch):
    assert try_lock(tmp_path / "lock") == "works"

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", refuse)
    assert try_lock(tmp_path / "other") == "refused: No locks available"


def test_a_planted_link_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "lock").symlink_to(victim)
    assert try_lock(tmp_path / "lock") == "refused: File exists"
    assert victim.read_bytes() == b"precious"
