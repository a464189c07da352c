import subprocess
import sys

import pytest

from unpack_bundle import Unusable, find_bundle, unpack_bundle


def test_the_wheels_for_this_python_come_before_its_own_packages(bundle, work):
    environ = unpack_bundle(bundle, work, {"PYTHONPATH": "/elsewhere"})
    code = "import compiled, pure_part, sys; print(compiled.PYTHON, pure_part.PYTHON, *sys.path)"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    python, pure, _, first, second, *_ = done.stdout.split(" ")
    assert python == f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert pure == "py3"
    assert [first, second] == [str(work / "site"), "/elsewhere"]


def test_its_mpi_is_found_and_no_other(bundle, work):
    other = {"PATH": "/usr/bin:/bin", "MPI4PY_MPIABI": "mpich", "MPI4PY_LIBMPI": "/x/libmpi.so"}
    environ = unpack_bundle(bundle, work, other)
    done = subprocess.run(["mpiexec", "-n", "2"], env=environ, capture_output=True, text=True)
    assert done.stdout == "mpiexec of the bundle -n 2\n"
    assert environ["OPAL_PREFIX"] == str(work / "cuda-mpi")
    assert environ["MPI4PY_LIBMPI"] == str(work / "cuda-mpi" / "lib" / "libmpi.so.40")
    assert "MPI4PY_MPIABI" not in environ


def test_everything_is_written_into_the_work_folder(bundle, work):
    before = sorted(bundle.rglob("*"))
    environ = unpack_bundle(bundle, work, {})
    assert sorted(bundle.rglob("*")) == before
    for name in ("TMPDIR", "XDG_CACHE_HOME", "CUPY_CACHE_DIR"):
        assert environ[name].startswith(str(work))


def test_a_damaged_wheel_is_named(bundle, work):
    wheel = next(bundle.glob("wheels/pure_part*"))
    with wheel.open("ab") as file:
        file.write(b"x")
    with pytest.raises(Unusable, match=r"pure_part.*is damaged: copy the bundle again"):
        unpack_bundle(bundle, work, {})


def test_a_damaged_mpi_is_named(bundle, work):
    (bundle / "cuda-mpi.tar.xz").write_bytes(b"no tar file")
    with pytest.raises(Unusable, match=r"cuda-mpi.tar.xz is damaged: copy the bundle again"):
        unpack_bundle(bundle, work, {})


def test_a_python_without_wheels_is_refused(bundle, work):
    next(bundle.glob(f"wheels/compiled*cp3{sys.version_info.minor}*")).unlink()
    with pytest.raises(Unusable, match="no wheel of compiled for Python 3"):
        unpack_bundle(bundle, work, {})


def test_a_checkout_uses_the_bundle_that_it_made(bundle, tmp_path):
    assert find_bundle(bundle) == bundle
    (tmp_path / "checkout" / "build").mkdir(parents=True)
    bundle.rename(tmp_path / "checkout" / "build" / "gpu-bundle")
    assert find_bundle(tmp_path / "checkout") == tmp_path / "checkout" / "build" / "gpu-bundle"
    with pytest.raises(Unusable, match="holds no bundle: `nox -s gpu_bundle` makes one"):
        find_bundle(tmp_path)
