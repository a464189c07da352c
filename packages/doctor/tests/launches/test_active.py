"""The active checks where all is well: alone, and within a job."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpcpy_testing.emulated_driver import driver_environment
from hpcpy_testing.mpiexec import Mpiexec

NAMES = ("mpi_jobs", "spawn", "mpi_files", "gpu_transport")
DOCTOR = [str(Path(sys.executable).with_name("hpcpy-doctor")), "--json", "--only"]
SECONDS = 120


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


def read(text):
    """Return what each check has found, by its name."""
    return {check["name"]: check["findings"] for check in json.loads(text)["checks"]}


def test_in_a_job_jobs_of_its_own_are_started(mpiexec, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    command = ["env", f"--chdir={folder}", *DOCTOR, ",".join(NAMES)]
    # What slots there are is the doctor's to find out.
    done = mpiexec.launch(2, command, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.leftovers
    found = read(done.stdout)
    assert {one["level"] for name in NAMES for one in found[name]} == {"ok"}, found
    said = {name: found[name][0]["seen"] for name in NAMES}
    assert said["mpi_jobs"].startswith(f"{mpiexec.path} -n 2: right values, ")
    assert said["spawn"].startswith("works under mpiexec: one more process in ")
    assert said["mpi_files"].startswith(f"2 ranks wrote 64 KiB in {folder} and read them back")
    assert said["gpu_transport"].startswith("nothing to prove: ")
    assert list(folder.iterdir()) == []


def test_device_memory_is_proven_once(mpiexec, tmp_path):
    environ = {
        **os.environ,
        **mpiexec.environment(),
        **driver_environment(),
        "XDG_CACHE_HOME": str(tmp_path),
    }
    said = []
    for more in ({}, {"HPCPY_MPIEXEC": "/bin/false"}):  # which no job could be started with
        done = subprocess.run(
            [*DOCTOR, "gpu_transport"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env={**environ, **more},
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(read(done.stdout)["gpu_transport"])
    assert said[0] == said[1]
    ((found,),) = said[:1]
    # An MPI that was built with CUDA takes some operations, and those of the wheels none.
    assert found["id"] in ("gpu-arrays-are-staged", "gpu-transport-in-part")
    assert "CUDA 13.0, Emulated GPU 0" in found["seen"] or "proven for" in found["seen"]
