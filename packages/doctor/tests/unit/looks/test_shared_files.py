import os
from mmap import mmap
from pathlib import Path
from time import time

import pytest

from hpcpy_doctor.looks.shared_files import YOUNGEST, list_unused, sees_all_processes


def later():
    """Return a time at which a file of now is not young."""
    return time() + 2 * YOUNGEST


@pytest.mark.parametrize(
    "name",
    [
        "mpich_shm_1035a72d_0",
        "mpich_shar_tmpfw2MXv",
        "sm_segment.vm.0.101c0000.0",
        "vader_segment.vm.0.1",
        "osc_sm.vm.51c40001.0.3",
        "ucx_shm_posix_f45ba6b",
        "psm2_shm.1000.0",
        "nccl-1a2b3c",
    ],
)
def test_files_of_mpis_that_nobody_uses(tmp_path, name):
    file = tmp_path / name
    file.touch()
    assert list_unused(tmp_path, now=later()) == [file]


@pytest.mark.parametrize("name", ["psm_1a2b3c4d", "libpod_lock", "sem.x", "my_mpich_shm_1"])
def test_files_of_others(tmp_path, name):
    (tmp_path / name).touch()
    assert list_unused(tmp_path, now=later()) == []


def test_a_file_that_a_process_has_open_or_mapped_is_used(tmp_path):
    opened, mapped = tmp_path / "mpich_shm_1", tmp_path / "mpich_shm_2"
    opened.write_bytes(b"1")
    mapped.write_bytes(b"1")
    with mapped.open("r+b") as file:
        memory = mmap(file.fileno(), 1)
    with opened.open("rb"):
        assert list_unused(tmp_path, now=later()) == []
    assert list_unused(tmp_path, now=later()) == [opened]
    memory.close()
    assert list_unused(tmp_path, now=later()) == [opened, mapped]


def test_a_young_file_is_left_alone(tmp_path):
    (tmp_path / "mpich_shm_1").touch()
    assert list_unused(tmp_path) == []


def test_no_plain_file_is_taken(tmp_path):
    (tmp_path / "mpich_shm_1").mkdir()
    (tmp_path / "mpich_shm_2").symlink_to("/etc/passwd")
    assert list_unused(tmp_path, now=later()) == []
    assert list_unused(tmp_path / "none", now=later()) == []


def test_files_of_other_users_are_not_named(tmp_path, monkeypatch):
    (tmp_path / "mpich_shm_1").touch()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert list_unused(tmp_path, now=later()) == []


@pytest.mark.parametrize(
    ("pid", "user", "all_seen"),
    [(4026531836, 4026531837, True), (4026532207, 4026531837, False), (4026531836, 7, False)],
)
def test_a_container_with_namespaces_of_its_own(tmp_path, pid, user, all_seen):
    folder = tmp_path / "self" / "ns"
    folder.mkdir(parents=True)
    assert not sees_all_processes(tmp_path)
    (folder / "pid").symlink_to(f"pid:[{pid}]")
    (folder / "user").symlink_to(f"user:[{user}]")
    assert sees_all_processes(tmp_path) is all_seen


def test_a_process_that_does_not_show_its_files_may_use_any(tmp_path, monkeypatch):
    shared, proc = tmp_path / "shm", tmp_path / "proc"
    for folder in (shared, proc / "12" / "fd"):
        folder.mkdir(parents=True)
    file = shared / "mpich_shm_1"
    file.touch()
    assert list_unused(shared, proc, now=later()) == [file]
    listed = Path.iterdir

    def refuse(path):
        if path.name == "fd":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert list_unused(shared, proc, now=later()) == []
