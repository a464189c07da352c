import os

import pytest

from hpcpy_doctor.checks.file_system import look_at_file_systems
from hpcpy_doctor.looks.ask_child import NoAnswerError

WELL = {"step": None, "free": 10**12, "files": 10**6}
TWO_HOSTS = {
    "OMPI_COMM_WORLD_LOCAL_SIZE": "1",
    "OMPI_COMM_WORLD_LOCAL_RANK": "0",
    "OMPI_COMM_WORLD_SIZE": "2",
    "OMPI_COMM_WORLD_RANK": "0",
}


@pytest.fixture
def look(make_facts, tmp_path, monkeypatch):
    """Return a function that looks at /work, /tmp and /home/me, of which it is told this."""

    def run(kind="ext4", options="rw", *, environ=(), tmp="ext4", **tried):
        lines = [
            f"1 1 0:1 / /work rw - {kind} server:/work {options}",
            f"1 1 0:2 / /tmp rw - {tmp} /dev/b rw",
            "1 1 0:3 / / rw - ext4 /dev/a rw",
        ]
        mounts = tmp_path / "mountinfo"
        mounts.write_text("\n".join(lines))
        folders = {"here": "/work", "temporary": "/tmp", "home": "/home/me"}
        said = {path: {**WELL, **tried.get(name, {})} for name, path in folders.items()}
        monkeypatch.setattr(os, "getcwd", lambda: "/work")
        monkeypatch.setenv("TMPDIR", "/tmp")
        monkeypatch.setenv("HOME", "/home/me")
        facts = make_facts(environ)
        ask = tried.get("ask", lambda *_: said)
        return list(look_at_file_systems((facts,), mounts=mounts, ask=ask))

    return run


def failed(step, error, words="as told"):
    return {"step": step, "error": error, "words": words}


def test_all_is_well(look):
    (well,) = look()
    assert well.level == "ok"
    assert well.seen == "/work (ext4), /tmp (ext4), /home/me (ext4)"


@pytest.mark.parametrize(
    ("tried", "kind", "cure"),
    [
        (failed("write", "EROFS"), "folder-read-only", "cd /home/me"),
        (failed("write", "EACCES"), "folder-not-writable", "cd /home/me"),
        (failed("write", "ENOSPC"), "folder-full", "du -xh /work | sort -h | tail"),
        (failed("write", "EDQUOT"), "folder-full", "du -xh /work | sort -h | tail"),
        (failed("lock", "ENOLCK"), "file-locks-refused", "cd /home/me"),
        ({"free": 2**20}, "folder-nearly-full", "du -xh /work | sort -h | tail"),
        ({"files": 3}, "folder-nearly-full", "du -xh /work | sort -h | tail"),
    ],
)
def test_the_working_directory(look, tried, kind, cure):
    (found,) = look(here=tried)
    assert found.id == kind
    assert found.cure == cure


@pytest.mark.parametrize(
    ("kind", "options", "finding"),
    [
        ("nfs", "rw,vers=3,nolock", "file-locks-only-local"),
        ("nfs4", "rw,local_lock=all", "file-locks-only-local"),
        ("nfs4", "rw,local_lock=none", None),
        ("lustre", "rw,localflock", "file-locks-only-local"),
        ("lustre", "rw,flock", None),
        ("tmpfs", "rw", "folder-in-memory"),
        ("overlay", "rw", "folder-in-container"),
        ("fuse.sshfs", "rw", "folder-on-fuse"),
    ],
)
def test_kinds_of_file_systems(look, kind, options, finding):
    (found,) = look(kind, options)
    assert found.id == finding


def test_lustre_without_locks(look):
    (found,) = look("lustre", here=failed("lock", "ENOSYS", "Function not implemented"))
    assert found.id == "file-locks-refused"
    assert found.cure == "sudo mount -o remount,flock /work"


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        ("ext4", "folder-not-shared"),
        ("tmpfs", "folder-not-shared"),
        ("nfs4", None),
        ("fuse.glusterfs", "folder-on-fuse"),
    ],
)
def test_several_hosts_want_one_folder(look, kind, finding):
    (found,) = look(kind, environ=TWO_HOSTS)
    assert found.id == finding


@pytest.mark.parametrize(
    ("tried", "kind"),
    [
        (failed("look", "ENOENT"), "tmpdir-missing"),
        (failed("write", "EROFS"), "tmpdir-not-writable"),
        (failed("write", "EACCES"), "tmpdir-not-writable"),
        (failed("write", "ENOSPC"), "tmpdir-full"),
    ],
)
def test_the_temporary_folder(look, tried, kind):
    (found,) = look(temporary=tried)
    assert found.id == kind
    assert found.cure in ("mkdir -p /tmp", "export TMPDIR=/home/me")


def test_a_temporary_folder_on_a_network(look):
    (found,) = look(tmp="nfs4")
    assert found.id == "tmpdir-on-network"


def test_home(look):
    (found,) = look(home=failed("write", "EROFS", "Read-only file system"))
    assert found.id == "home-not-writable"
    assert found.seen == "HOME=/home/me: Read-only file system"
    assert found.cure == "export HOME=/tmp"


def test_a_server_that_does_not_answer(look):
    def hang(*_):
        raise NoAnswerError("no answer in 5 s", hangs=True, heard={"/work": {"step": "lock"}})

    (found,) = look(ask=hang)
    assert found.id == "file-system-hangs"
    assert found.seen == "/work: no answer in 5 s, to lock"
    assert found.cure == "cd /"


def test_one_process_of_a_host_tries(look):
    environ = {**TWO_HOSTS, "OMPI_COMM_WORLD_LOCAL_RANK": "1"}
    (well,) = look(here=failed("write", "EROFS"), environ=environ)
    assert well.level == "ok"
