import os
import shutil

import pytest

from hpcpy_core.errors import InputError
from hpcpy_testing.emulated_driver import (
    build_driver,
    driver_environment,
    require_driver_environment,
)


def test_the_driver_comes_first():
    folder = str(build_driver())
    assert driver_environment({}) == {"LD_LIBRARY_PATH": folder}
    expected = {"LD_LIBRARY_PATH": os.pathsep.join([folder, "/x", "/y"])}
    assert driver_environment({"LD_LIBRARY_PATH": "/x:/y"}) == expected


def test_another_driver_that_is_loaded_already_is_not_overlooked(run_child, tmp_path):
    other = shutil.copy(build_driver() / "libnvidia-ml.so.1", tmp_path / "libcuda.so.1")
    done = run_child(
        "ctypes.CDLL('libcuda.so.1'); load_driver()", LD_LIBRARY_PATH=str(other.parent)
    )
    assert "another libcuda.so.1 is loaded already, which MPI would call" in done.stderr


def test_a_process_without_it_is_told_how_to_be_started(monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/x{os.pathsep}{build_driver()}")
    require_driver_environment()
    monkeypatch.setenv("LD_LIBRARY_PATH", "/x")
    with pytest.raises(InputError, match="need the emulated driver: pass --emulated-driver"):
        require_driver_environment()
