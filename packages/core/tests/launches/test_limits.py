"""Limits of the system, and a site's own library, met by whole jobs: one message, exit 2."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hpcpy_testing.mpiexec import Mpiexec

COMMAND = [sys.executable, "-m", "hpcpy_core"]


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture(scope="module")
def namespace():
    """Begin a command in a mount namespace of its own."""
    words = ["unshare", "-m", "sh", "-ec"]
    if os.geteuid() or subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("no right to make a mount namespace here")
    return words


def refused(done, words):
    assert not done.timed_out
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stderr.count("error: ") == 1
    assert "device cpu" not in done.stdout


@pytest.mark.parametrize("who", ["all", "the second"])
def test_a_limit_is_said_once_and_ends_the_job(mpiexec, who):
    """Hydra does not end a job for a rank that leaves before MPI_Init: it is told to."""
    limited = ["sh", "-c", 'ulimit -f 2 && exec "$@"', "sh", *COMMAND]
    if who == "all":
        done = mpiexec.launch(2, limited, timeout=60)
    else:
        done = mpiexec.launch(1, [*COMMAND, ":", "-n", "1", *limited], timeout=60)
    refused(done, "files may have at most 1 KiB (RLIMIT_FSIZE)")


@pytest.mark.parametrize("size", ["4k", "16m"])
def test_shared_memory_that_is_too_small(mpiexec, namespace, size):
    script = 'mount -t tmpfs -o size="$0" tmpfs /dev/shm; exec "$@"'
    environ = {**os.environ, **mpiexec.environment()}
    command = [*namespace, script, size, "timeout", "-k", "5", "40", str(mpiexec.path), "-n", "2"]
    done = subprocess.run(
        [*command, *COMMAND], env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("error: /dev/shm has ") == 1
    assert "--shm-size=1g" in done.stderr


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    """The library of Debian's package mpich, unpacked into a folder."""
    folder = tmp_path_factory.mktemp("debian")
    folder.chmod(0o777)  # apt's own user writes there
    packages = ["libmpich12", "libucx0", "libhwloc15"]
    if shutil.which("apt-get") is None:
        pytest.skip("no apt-get: the package mpich of Debian cannot be had here")
    got = subprocess.run(
        ["timeout", "60", "apt-get", "-q", "download", *packages],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if got.returncode:
        pytest.skip(f"the package mpich of Debian cannot be had here: {got.stderr.strip()[-200:]}")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", str(package), str(folder / "root")], check=True)
    (library,) = (folder / "root").rglob("libmpich.so.12")
    return library


def test_mpich_of_debian_starts_after_the_cure_that_is_said(namespace, debian, tmp_path):
    """In a namespace in which this environment has no MPI from a wheel."""
    hide = "".join(
        f"mount --bind /dev/null {path}\n" for path in Path(sys.prefix, "lib").glob("libmpi*.so*")
    )
    alone = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PMI", "OMPI", "MPI4PY", "LD_"))
    }
    environ = {**alone, "HOME": str(tmp_path), "LD_LIBRARY_PATH": str(debian.parent)}

    def run(before):
        script = f"{hide}\n{before}\nexec timeout -k 5 40 {sys.executable} -m hpcpy_core"
        return subprocess.run(
            [*namespace, script],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    done = run("true")
    assert done.returncode == 2, done.stderr
    said = done.stderr.strip()
    assert f"the MPICH of Debian and Ubuntu, {debian}," in said
    cure = said.partition("Give it that name: ")[2]
    cured = run(cure)
    assert cured.returncode == 0, cured.stderr
    assert "MPICH 4." in cured.stdout
