import os
import shutil

from hpcpy_testing.emulated_driver import build_driver, driver_environment


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
