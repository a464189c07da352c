"""Under srun: with the plugin that the MPI needs, with another one, and with none."""

import json
import shlex
import sys
from pathlib import Path

import pytest

from hpcpy_testing.mpiexec import Mpiexec

DOCTOR = str(Path(sys.executable).with_name("hpcpy-doctor"))
RANKS = 2


@pytest.fixture(scope="module")
def vendor():
    return Mpiexec.find().vendor


@pytest.fixture
def right(slurm, vendor):
    """The plugin that this MPI needs."""
    plugin = {"mpich": "pmi2", "openmpi": "pmix"}[vendor]
    if plugin not in slurm.plugins.split():
        pytest.skip(f"no plugin {plugin} in this Slurm: Debian's libpmix2 is missing")
    return plugin


@pytest.fixture
def wrong(slurm, vendor):
    """That of the other MPI, if it is there."""
    plugin = {"mpich": "pmix", "openmpi": "pmi2"}[vendor]
    return plugin if plugin in slurm.plugins.split() else "none"


def read(done):
    """Return the report, of which there must be one, and its findings by their names."""
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["exit_code"] == done.returncode
    assert report["launch"]["heard"] == report["launch"]["announced"] == RANKS
    assert done.leftovers == ()
    findings = [found for check in report["checks"] for found in check["findings"]]
    return report, {found["id"]: found for found in findings if found["id"]}


def test_the_wrong_plugin_gives_one_report_and_its_cure_works(slurm, right, wrong, vendor):
    words = [DOCTOR, "--json", "--only", "launcher,slurm,this_launch"]
    done = slurm.run(f"--mpi={wrong}", f"--ntasks={RANKS}", *words)
    _, findings = read(done)
    assert done.returncode == 2
    assert findings["wrong-srun-plugin"]["ranks"] == [0, 1]
    # MPICH aborts where it meets PMIx; Open MPI does not hear PMI-2.
    dies = vendor == "mpich" and wrong == "pmix"
    assert ("launch-dies" if dies else "launch-wrong-size") in findings

    command = findings["wrong-srun-plugin"]["cure"]
    assert command == f"srun --mpi={right} -n {RANKS} {shlex.join(words)}"
    mended = slurm.run(*shlex.split(command)[1:])
    assert mended.returncode == 0, mended.stdout + mended.stderr
    _, findings = read(mended)
    assert "wrong-srun-plugin" not in findings
    assert findings["srun-waits-for-the-dead"]["level"] == "note"
    assert findings["srun-waits-for-the-dead"]["cure"] == "export SLURM_KILL_BAD_EXIT=1"


def test_without_a_plugin_there_are_singletons(slurm, right):
    words = [DOCTOR, "--json", "--only", "launcher,this_launch"]
    done = slurm.run("--mpi=none", f"--ntasks={RANKS}", *words)
    _, findings = read(done)
    assert done.returncode == 2
    assert "each is alone (size 1)" in findings["launch-wrong-size"]["seen"]
    for name in ("launch-wrong-size", "wrong-srun-plugin"):
        assert f"srun --mpi={right} -n {RANKS} {shlex.join(words)}" in findings[name]["cure"]


def test_all_is_well_in_a_job_step(slurm, right):
    done = slurm.run(
        f"--mpi={right}", f"--ntasks={RANKS}", DOCTOR, "--json", SLURM_KILL_BAD_EXIT="1"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report, findings = read(done)
    assert "srun-waits-for-the-dead" not in findings
    levels = {check["name"]: check["level"] for check in report["checks"]}
    # Jobs of its own start beside the step, with the library's own mpiexec.
    tried = ("launcher", "this_launch", "mpi_jobs", "spawn", "mpi_files", "gpu_transport")
    assert {levels[name] for name in tried} == {"ok"}, report["checks"]
