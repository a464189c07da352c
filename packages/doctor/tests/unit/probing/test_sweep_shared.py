import mmap
import time

import pytest

from hpcpy_doctor.probing import sweep_shared as module
from hpcpy_doctor.probing.sweep_shared import free_shared, list_shared, sweep_shared


def make(folder, name):
    path = folder / name
    path.write_bytes(bytes(mmap.PAGESIZE))
    return path


@pytest.fixture(autouse=True)
def all_processes_are_seen(monkeypatch):
    monkeypatch.setattr(module, "sees_all_processes", lambda: True)


def test_nothing_is_removed_where_processes_are_hidden(tmp_path, monkeypatch):
    make(tmp_path, "mpich_shm_2")
    monkeypatch.setattr(module, "sees_all_processes", lambda: False)
    assert sweep_shared(frozenset(), time.time() - 1, tmp_path) == []
    assert (tmp_path / "mpich_shm_2").exists()


def test_what_the_job_left_is_removed_and_nothing_else(tmp_path):
    old, other = make(tmp_path, "mpich_shm_1"), make(tmp_path, "sem.mine")
    before, since = list_shared(tmp_path), time.time() - 1
    left, used = make(tmp_path, "mpich_shm_2"), make(tmp_path, "sm_segment.vm.0")
    with used.open("r+b") as file, mmap.mmap(file.fileno(), 0):
        assert sweep_shared(before, since, tmp_path) == [left]
    assert sorted(tmp_path.iterdir()) == sorted([old, other, used])
    assert sweep_shared(before, since, tmp_path) == [used]


def test_a_folder_that_is_not_there(tmp_path):
    assert list_shared(tmp_path / "none") == frozenset()
    assert free_shared(tmp_path / "none") == float("inf")
    assert 0 < free_shared(tmp_path) < float("inf")
