"""An environment in which nothing is wrong, and the doctor started in what a test makes of it.

HPCPY_FOREIGN_MPIEXEC names the mpiexec of another MPI.
"""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from hpcpy_core.find_library import find_library
from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.run_job import run_job

SECONDS = 60
"""Far above what is seen, on a busy machine too."""

SETTINGS = (
    *("MPI4PY_", "LD_PRELOAD", "HPCPY_MPIEXEC", "OMPI_ALLOW", "PRTE_MCA_", "PYTHONPATH"),
    *("MPIR_CVAR_CH4_CMA_ENABLE", "UCX_POSIX_USE_PROC_LINK", "PYTHONNOUSERSITE"),
)
"""Beginnings of variables that would be a fault, or the cure of one."""


class Doctor:
    """Started by a command, it says what it has found but what is well, by name."""

    script = str(Path(sys.executable).with_name("hpcpy-doctor"))

    def words(self, check):
        """Return its command for one check."""
        return [self.script, "--json", "--only", check]

    def examine(self, command, environ, code=0):
        """Run a command in which it is, to this exit code."""
        done = run_job(command, env=environ, timeout=SECONDS)
        assert done.returncode == code, done.stdout + done.stderr
        assert not done.timed_out
        assert not done.leftovers
        assert "Traceback" not in done.stderr
        report = json.loads(done.stdout)  # there is one
        assert report["exit_code"] == code
        findings = [one for check in report["checks"] for one in check["findings"]]
        return {one["id"]: one for one in findings if one["level"] != "ok"}

    def after(self, finding, command, environ):
        """Type the finding's cure into a shell, then this command."""
        line = f"{finding['cure']}\nexec {' '.join(command)}"
        return self.examine(["bash", "-c", line], environ)


@pytest.fixture
def doctor():
    return Doctor()


@pytest.fixture(scope="session")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture(scope="session")
def foreign(mpiexec):
    """The mpiexec of the other MPI."""
    if "HPCPY_FOREIGN_MPIEXEC" not in os.environ:
        pytest.skip("HPCPY_FOREIGN_MPIEXEC names no mpiexec of another MPI; nox sets it")
    found = Mpiexec.find(os.environ["HPCPY_FOREIGN_MPIEXEC"])
    assert found.vendor != mpiexec.vendor
    return found


@pytest.fixture(scope="session")
def library():
    """The library of this environment."""
    return Path(find_library().path)


@pytest.fixture(scope="session")
def usual(mpiexec):
    """The variables of a user who has activated this environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    path = os.pathsep.join([str(mpiexec.path.parent), os.environ["PATH"]])
    return {**kept, **mpiexec.environment(), "PATH": path}


@pytest.fixture
def environment(tmp_path, library):
    """The packages of an environment, which are this one's, by links that a test may exchange."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "e"], check=True)
    (packages,) = (tmp_path / "e" / "lib").glob("python*/site-packages")
    for path in Path(sysconfig.get_path("platlib")).iterdir():
        (packages / path.name).symlink_to(path)
    for path in library.parent.glob("*"):
        if not path.name.startswith("python"):
            (tmp_path / "e" / "lib" / path.name).symlink_to(path)
    return packages
