import sys

import pytest

from hpcpy_core import find_mpiexec as module
from hpcpy_core.errors import InputError
from hpcpy_core.find_library import Library
from hpcpy_core.find_mpiexec import find_mpiexec


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Return a function that makes a program; none is there at first, and no library."""

    def write(path, mode=0o755):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode)
        return file

    monkeypatch.delenv("HPCPY_MPIEXEC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python" / "python"))
    monkeypatch.setattr(module, "find_library", lambda: None)
    return write


@pytest.mark.parametrize("folder", ["lib", "lib64", "lib/release", "lib/x86_64/openmpi/lib"])
def test_that_of_the_loaded_library_comes_before_others(put, monkeypatch, folder):
    put("path/mpiexec")
    put("python/mpiexec")
    beside = put("site/mpi/bin/mpiexec")
    library = put(f"site/mpi/{folder}/libmpi.so.12")
    monkeypatch.setattr(module, "find_library", lambda: Library(path=str(library), text="MPI"))
    assert find_mpiexec() == beside
    beside.chmod(0o644)
    assert find_mpiexec() == put("python/mpiexec")


def test_a_variable_names_another_one(put, monkeypatch):
    put("python/mpiexec")
    monkeypatch.setenv("HPCPY_MPIEXEC", str(put("mine/mpiexec")))
    assert find_mpiexec() == put("mine/mpiexec")
    monkeypatch.setenv("HPCPY_MPIEXEC", "mpirun")
    with pytest.raises(InputError, match="HPCPY_MPIEXEC=mpirun is no program"):
        find_mpiexec()
    put("path/mpirun")
    assert find_mpiexec() == put("path/mpirun")


def test_without_a_library_it_is_the_first_one(put):
    with pytest.raises(InputError, match="no mpiexec beside"):
        find_mpiexec()
    assert find_mpiexec.__doc__
    first = put("path/mpiexec")
    assert find_mpiexec() == first
