"""Each limit, set in a process of its own: named before MPI_Init, with what mends it."""

import os
import subprocess
import sys

import pytest

from hpcpy_core.errors import LaunchError
from hpcpy_core.limits import check_limits, find_limits

MPICH = "MPICH Version:      5.0.2\nMPICH Device: ch4:ucx,ofi\n"
OPEN_MPI = "Open MPI v5.0.11, package: Open MPI user@localhost Distribution"

MIB = 1 << 20

PROGRAM = """
import resource, sys
from hpcpy_core.limits import find_limits
name, limit, library = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if limit:
    resource.setrlimit(getattr(resource, name), (limit, limit))
for words in find_limits(library, {}):
    print(words)
"""


def find_in_a_process(name, limit, library):
    command = [sys.executable, "-c", PROGRAM, name, str(limit), library]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("library", [MPICH, OPEN_MPI])
@pytest.mark.parametrize(
    ("name", "limit", "words"),
    [
        ("RLIMIT_NOFILE", 20, "(RLIMIT_NOFILE is 20), and MPI needs 32: ulimit -n 1024"),
        ("RLIMIT_FSIZE", 1024, "at most 1 KiB (RLIMIT_FSIZE)"),
        ("RLIMIT_FSIZE", 2_000_000, "ulimit -f unlimited, before mpiexec"),
        ("RLIMIT_AS", 100 * MIB, "address space is limited to 100 MiB (RLIMIT_AS)"),
    ],
)
def test_a_limit_that_is_too_low_is_named_with_its_cure(library, name, limit, words):
    said = find_in_a_process(name, limit, library)
    assert words in said.splitlines()[0]


@pytest.mark.parametrize("library", [MPICH, OPEN_MPI])
@pytest.mark.parametrize(
    ("name", "limit"),
    [("RLIMIT_NOFILE", 64), ("RLIMIT_FSIZE", 20 * MIB), ("RLIMIT_AS", 4096 * MIB), ("", 0)],
)
def test_a_limit_that_is_high_enough_passes(library, name, limit):
    assert find_in_a_process(name, limit, library) == ""


def test_threads_that_cannot_be_started_are_named(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", refuse)
    with pytest.raises(LaunchError, match=r"no more than 0 threads .*RLIMIT_NPROC.*ulimit -u 4096"):
        check_limits(MPICH, {})


def test_a_working_directory_that_is_gone(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(LaunchError, match=r"the working directory is gone.*: cd to one") as refused:
        check_limits(MPICH, {})
    assert refused.value.lone
    assert refused.value.exit_code == 2


class Space:
    def __init__(self, size, free):
        self.f_blocks, self.f_bavail, self.f_frsize = size // 4096, free // 4096, 4096


def look(monkeypatch, tmp_path, library, environ, size, free=None):
    space = Space(size, size if free is None else free)
    monkeypatch.setattr(os, "statvfs", lambda path: space)
    return list(find_limits(library, environ, shared=tmp_path))


FOUR = {"MPI_LOCALNRANKS": "4", "MPI_LOCALRANKID": "0"}
OPEN_FOUR = {"OMPI_COMM_WORLD_LOCAL_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_RANK": "0"}


@pytest.mark.parametrize(
    ("library", "environ", "size"),
    [
        (MPICH, {}, 4096),
        (MPICH, {}, 16 * MIB),
        (MPICH, FOUR, 22 * MIB),
        (MPICH, FOUR, 30 * MIB),  # 1 of 4 starts ends in MPI_Init, by a signal
        (OPEN_MPI, OPEN_FOUR, 4096),
        (OPEN_MPI, OPEN_FOUR, 16 * MIB),
    ],
)
def test_shared_memory_that_is_too_small_is_named(monkeypatch, tmp_path, library, environ, size):
    (words,) = look(monkeypatch, tmp_path, library, environ, size)
    assert words.startswith(f"{tmp_path} has ")
    assert "remount,size=1G" in words
    assert "--shm-size=1g" in words


@pytest.mark.parametrize(
    ("library", "environ", "size"),
    [
        (MPICH, FOUR, 64 * MIB),
        (MPICH, {"MPI_LOCALNRANKS": "10"}, 64 * MIB),  # a container's default
        (MPICH, {**FOUR, "UCX_TLS": "tcp"}, 4096),
        ("MPICH Version: 3.4.1\nMPICH Device: ch3:nemesis", FOUR, 4096),
        (OPEN_MPI, OPEN_FOUR, 64 * MIB),
        (OPEN_MPI, {}, 4096),  # alone it takes none
        (OPEN_MPI, {**OPEN_FOUR, "OMPI_MCA_btl": "^ofi,sm"}, 4096),
    ],
)
def test_shared_memory_that_is_enough_or_not_used_passes(
    monkeypatch, tmp_path, library, environ, size
):
    assert look(monkeypatch, tmp_path, library, environ, size) == []


def test_what_others_left_in_shared_memory_is_seen_by_the_first_rank_alone(monkeypatch, tmp_path):
    (words,) = look(monkeypatch, tmp_path, MPICH, FOUR, 64 * MIB, MIB)
    assert "only 1 MiB free of 64 MiB" in words
    assert "mpich_shm_*" in words
    later = {**FOUR, "MPI_LOCALRANKID": "3"}
    assert look(monkeypatch, tmp_path, MPICH, later, 64 * MIB, MIB) == []
