"""A launch in which MPI dies, hangs or never starts on one rank, for real."""

import json
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

SECONDS = 60
RANK = '"${PMI_RANK:-$OMPI_COMM_WORLD_RANK}"'

FAILS = {"mpich": "UCX_TLS=nonexistent", "openmpi": "OMPI_MCA_pml=nonexistent"}
"""With it MPI_Init gives up and asks the launcher to end the job."""

CRASHES = "MPIR_CVAR_CH4_NETMOD=nonexistent"
"""With it MPICH's MPI_Init crashes."""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture
def examine(mpiexec, tmp_path):
    """Return a function that examines a launch of which one rank does something else first."""

    def examine(ranks, odd, instead, *words):
        doctor = f"{sys.executable} -m hpcpy_doctor --json --only this-launch {' '.join(words)}"
        script = f"if [ {RANK} = {odd} ]; then {instead}; fi; exec {doctor}"
        # It goes on if the launcher ends the job: what it prints then has to arrive as well.
        done = mpiexec.launch(
            ranks, ["sh", "-c", script], timeout=SECONDS, env={"TMPDIR": str(tmp_path)}
        )
        assert not done.timed_out
        assert done.returncode != 0
        report = json.JSONDecoder().raw_decode(done.stdout[done.stdout.index("{\n") :])[0]
        assert report["exit_code"] == 2
        probes = [line for line in done.leftovers if "hpcpy_doctor" in line]
        assert probes == []
        return {check["name"]: check["findings"][0] for check in report["checks"]}

    return examine


def test_a_rank_dies_in_mpi_init(examine, mpiexec):
    setting = FAILS[mpiexec.vendor]
    found = examine(3, 1, f"export {setting}")
    own = found["this_launch"]
    assert found["processes"]["level"] == "ok"
    assert own["id"] == "launch-dies"
    assert own["seen"].startswith("rank 1 ended with exit code")
    assert "in MPI_Init" in own["seen"]
    assert f"-u {setting.partition('=')[0]} " in own["cure"]
    assert f"{mpiexec.path} -n 3 " in own["cure"]


def test_a_rank_crashes_in_mpi_init(examine, mpiexec):
    if mpiexec.vendor == "openmpi":
        pytest.skip("Open MPI has no setting that is known to make it crash")
    own = examine(2, 0, f"export {CRASHES}")["this_launch"]
    assert own["id"] == "launch-dies"
    assert own["seen"].startswith("rank 0 ended with signal 11 (Segmentation fault) in MPI_Init")
    assert "rank 1 waited in MPI_Init" in own["seen"]


@pytest.mark.parametrize("odd", [0, 1])
def test_a_rank_never_starts_mpi(examine, odd):
    found = examine(2, odd, "exec sleep 12", "--deadline", "2")
    assert found["processes"]["id"] == "processes-not-heard"
    own = found["this_launch"]
    assert own["id"] == "launch-hangs"
    assert own["seen"] == f"rank {1 - odd} waited in MPI_Init, and rank {odd} did not start MPI"
