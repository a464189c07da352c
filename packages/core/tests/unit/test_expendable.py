import os
import stat
import sys

import pytest

from hpcpy_core import find_mpiexec
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.expendable import run_expendable, scrub


@pytest.fixture
def mpiexec(tmp_path, monkeypatch):
    """Return a function that writes the mpiexec that is found first, a shell script."""
    program = tmp_path / "mpiexec"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(find_mpiexec, "find_library", lambda: None)
    monkeypatch.delenv("HPCPY_MPIEXEC", raising=False)

    def write(script):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return write


@pytest.mark.parametrize(
    "name",
    [
        *("PMI_RANK", "PMIX_NAMESPACE", "OMPI_COMM_WORLD_RANK", "OMPI_UNIVERSE_SIZE"),
        *("PRTE_LAUNCHED", "HYDI_CONTROL_FD", "MPI_LOCALNRANKS"),
        *("SLURM_JOB_ID", "SLURM_STEP_ID", "PALS_RANKID", "I_MPI_HYDRA_UUID", "I_MPI_INFO_CORE"),
        *("OMPI_MCA_PREFIXES", "OMPI_MCA_cpu_type", "OMPI_MCA_initial_wdir"),
        *("OMPI_MCA_num_procs", "OMPI_MCA_ess", "OMPI_MCA_orte_hnp_uri", "OMPI_MCA_pmix"),
        *("OMPI_MCA_osc_ucx_verbose", "MPIR_CVAR_CH3_INTERFACE_HOSTNAME"),
    ],
)
def test_the_launchers_own_variables_are_taken_away(name):
    inside = {"OMPI_COMM_WORLD_SIZE": "2", "PATH": "/bin"}
    assert scrub({name: "1", **inside}) == {"PATH": "/bin"}


@pytest.mark.parametrize("name", ["OMPI_MCA_ess", "OMPI_MCA_pmix", "OMPI_MCA_orte_hnp_uri"])
def test_outside_of_a_job_they_are_the_users(name):
    assert scrub({name: "1"}) == {name: "1"}


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HPCPY_DEVICE", "MY_PMI_RANK", "OPAL_PREFIX", "CUDA_VISIBLE_DEVICES"),
        *("OMPI_MCA_pml", "OMPI_MCA_mpi_yield_when_idle", "PRTE_MCA_plm", "PMIX_MCA_gds"),
        *("UCX_TLS", "FI_PROVIDER", "MPICH_GPU_SUPPORT_ENABLED", "MPIR_CVAR_ENABLE_GPU"),
        *("I_MPI_OFFLOAD", "I_MPI_FABRICS", "I_MPI_HYDRA_BOOTSTRAP"),
        *("HYDRA_HOST_FILE", "HYDRA_LAUNCHER", "MPIEXEC_TIMEOUT", "PRTE_MCA_rmaps"),
        "SLURM_CONF",  # without it, srun knows no cluster
    ],
)
def test_the_users_variables_stay(name):
    assert scrub({name: "1"}) == {name: "1"}


def test_the_job_is_given_its_program_and_a_clean_environment(mpiexec, monkeypatch):
    monkeypatch.setenv("PMI_RANK", "3")
    monkeypatch.setenv("KEPT", "here")
    mpiexec('printf "%s " "$@"; echo "$PMI_RANK,$KEPT,$PRTE_MCA_rmaps_default_mapping_policy"')
    said = run_expendable(2, ["program", "a b"], 30)
    assert said == "-n 2 program a b ,here,:oversubscribe\n"
    assert os.environ["PMI_RANK"] == "3"


def test_open_mpi_starts_sooner_unless_the_user_has_a_say(mpiexec, monkeypatch):
    monkeypatch.delenv("OMPI_MCA_btl", raising=False)
    mpiexec('echo "$OMPI_MCA_btl"')
    assert run_expendable(1, ["program"], 30) == "^ofi\n"
    monkeypatch.setenv("OMPI_MCA_btl", "self,tcp")
    assert run_expendable(1, ["program"], 30) == "self,tcp\n"


def test_a_job_that_fails(mpiexec):
    mpiexec("echo out of order >&2; exit 7")
    with pytest.raises(HpcpyError, match="ended with 7: out of order"):
        run_expendable(1, ["program"], 30)


def test_a_job_that_hangs_is_ended(mpiexec):
    mpiexec("sleep 1000")
    with pytest.raises(HpcpyError, match="ended with 124 after too long"):
        run_expendable(1, ["program"], 0.2)


def test_no_mpiexec_at_all(mpiexec, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="no mpiexec beside"):
        run_expendable(1, ["program"], 30)
