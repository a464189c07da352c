import os
import stat
import sys

import pytest

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.expendable import run_expendable, scrub


@pytest.fixture
def mpiexec(tmp_path, monkeypatch):
    """Return a function that writes the mpiexec that is found first, a shell script."""
    program = tmp_path / "mpiexec"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    def write(script):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return write


def test_the_launchers_own_variables_are_taken_away():
    kept = {"PATH": "/bin", "HPCPY_DEVICE": "cpu", "UCX_TLS": "tcp", "MY_PMI_RANK": "1"}
    kept["SLURM_CONF"] = "/etc/slurm.conf"  # without it, srun knows no cluster
    given = (
        "PMI_RANK",
        "PMIX_NAMESPACE",
        "OMPI_COMM_WORLD_RANK",
        "PRTE_LAUNCHED",
        "HYDI_CONTROL",
        "MPI_LOCALNRANKS",
        "SLURM_JOB_ID",
    )
    assert scrub({**kept, **dict.fromkeys(given, "1")}) == kept


def test_the_job_is_given_its_program_and_a_clean_environment(mpiexec, monkeypatch):
    monkeypatch.setenv("PMI_RANK", "3")
    monkeypatch.setenv("KEPT", "here")
    mpiexec('printf "%s " "$@"; echo "$PMI_RANK,$KEPT,$PRTE_MCA_rmaps_default_mapping_policy"')
    said = run_expendable(2, ["program", "a b"], 30)
    assert said == "-n 2 program a b ,here,:oversubscribe\n"
    assert os.environ["PMI_RANK"] == "3"


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
