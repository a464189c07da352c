import subprocess
import sys
from pathlib import Path

import pytest

from hpcpy_core.find_library import NAME, find_library, list_mapped

ASK = """
import os, sys
from hpcpy_core.find_library import find_library
before = find_library()
assert "mpi4py" not in sys.modules, "the question must not load MPI here"
find_library.cache_clear()
import mpi4py
mpi4py.rc.initialize = False
from mpi4py import MPI
assert find_library() == before, (find_library(), before)
assert not MPI.Is_initialized()
print(before.path, before.text, sep="\\n")
"""


def test_it_is_found_without_starting_mpi_and_without_loading_it_here():
    done = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    path, text = done.stdout.split("\n", 1)
    assert Path(path).is_absolute()
    assert NAME.fullmatch(Path(path).name)
    assert "MPI" in text


def test_there_may_be_none(tmp_path, monkeypatch):
    find_library.cache_clear()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    assert find_library() is None
    find_library.cache_clear()


@pytest.mark.parametrize(
    ("name", "is_it"),
    [
        ("libmpi.so.40.40.7", True),
        ("libmpi.so", True),
        ("libmpich.so.12", True),
        ("libmpi_abi.so.1", True),
        ("libmpi_gnu_123.so.12", True),
        ("libmpi_cray.so.12", True),
        ("libmpi_mpifh.so.40", False),
        ("libmpi_usempif08.so.40", False),
        ("libmpi_cxx.so.40", False),
        ("libmpigf.so.4.old", False),
        ("libpmpi.so.12", False),
    ],
)
def test_its_names(name, is_it):
    assert bool(NAME.fullmatch(name)) == is_it


def test_mapped_files_are_listed_once_and_without_deleted_ones(tmp_path):
    maps = tmp_path / "maps"
    maps.write_text(
        "7f00-7f01 r-xp 00000000 08:01 42   /lib/a b.so\n"
        "7f01-7f02 rw-p 00001000 08:01 42   /lib/a b.so\n"
        "7f02-7f03 rw-s 00000000 00:19 43   /dev/shm/gone (deleted)\n"
        "7f03-7f04 rw-p 00000000 00:00 0    [heap]\n"
        "7f04-7f05 rw-p 00000000 00:00 0\n"
    )
    assert list_mapped(maps) == ["/lib/a b.so"]
    assert list_mapped(tmp_path / "none") == []
