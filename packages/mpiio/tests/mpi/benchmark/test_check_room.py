"""What cannot be done is refused before the work, on every rank."""

import os
from types import SimpleNamespace

import pytest

from hpcpy_core.errors import InputError
from hpcpy_mpiio.benchmark import check_room
from hpcpy_mpiio.benchmark.check_room import check_folder
from hpcpy_testing.assertions import parallel_raises

pytestmark = pytest.mark.mpi


def test_a_folder_with_room(comm, folder, monkeypatch):
    check_folder(folder, 1)
    found = SimpleNamespace(f_blocks=9, f_bfree=3, f_bavail=3, f_frsize=1024)
    monkeypatch.setattr(os, "statvfs", lambda path: found)
    check_folder(folder, 3072)
    with parallel_raises(comm, InputError, r"--folder .* GiB free: give a smaller --size"):
        check_folder(folder, 3073)


def test_no_folder(comm, folder):
    with parallel_raises(comm, InputError, "none is not a folder: create it first"):
        check_folder(folder / "none", 1)


def test_a_folder_that_takes_no_file(comm, folder, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(check_room, "TemporaryFile", refuse)
    with parallel_raises(comm, InputError, r"--folder .* cannot be written \(Permission denied\)"):
        check_folder(folder, 1)
