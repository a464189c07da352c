import sys

import pytest

from hpcpy_core.errors import LaunchError
from hpcpy_core.launch import (
    Announcement,
    check_library,
    check_world,
    mend_launch,
    read_announcement,
)

HYDRA = {"PMI_SIZE": "4", "PMI_RANK": "2", "MPI_LOCALNRANKS": "4"}
PRTERUN = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1", "PMIX_RANK": "1"}
STEP = {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "5"}
BATCH = {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "8", "SLURM_PROCID": "0"}

MPICH = "MPICH Version:      5.0.2\nMPICH configure:    --with-device=ch4:ucx,ofi\n"
MPICH_PMIX = "MPICH Version:      4.2.0\nMPICH configure:    --with-pmix=/usr --with-pm=none\n"
OPEN_MPI = "Open MPI v5.0.11, package: Open MPI user@localhost Distribution, ident: 5.0.11"


@pytest.mark.parametrize(
    ("environ", "launcher", "size", "rank"),
    [
        (HYDRA, "mpiexec of MPICH (Hydra)", 4, 2),
        (PRTERUN, "mpirun of Open MPI", 4, 1),
        (STEP, "srun", 8, 5),
        ({**STEP, "PMI_SIZE": "8", "PMI_RANK": "5"}, "srun", 8, 5),
        ({**STEP, **HYDRA}, "mpiexec of MPICH (Hydra)", 4, 2),
        ({**STEP, **PRTERUN}, "mpirun of Open MPI", 4, 1),
    ],
    ids=["hydra", "prterun", "srun-pmix", "srun-pmi2", "hydra-in-slurm", "prterun-in-slurm"],
)
def test_announcement_of_each_launcher(environ, launcher, size, rank):
    announcement = read_announcement(environ)
    assert announcement is not None
    assert (announcement.launcher, announcement.size, announcement.rank) == (launcher, size, rank)


@pytest.mark.parametrize("environ", [{}, BATCH, {"PMI_SIZE": "many", "PMI_RANK": "0"}])
def test_no_announcement_without_a_launcher(environ):
    assert read_announcement(environ) is None


def test_singletons_under_a_foreign_launcher_are_refused():
    with pytest.raises(LaunchError) as refused:
        check_world(OPEN_MPI, 1, read_announcement(HYDRA))
    message = str(refused.value)
    assert "mpiexec of MPICH (Hydra) started 4 processes (PMI_SIZE=4)" in message
    assert "the MPI library is Open MPI v5.0.11" in message
    assert "mpiexec -n 4" in message
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(("library", "plugin"), [(MPICH, "pmi2"), (OPEN_MPI, "pmix")])
def test_srun_is_mended_with_the_right_plugin(library, plugin):
    with pytest.raises(LaunchError, match=f"srun --mpi={plugin} -n 8 "):
        check_world(library, 1, read_announcement(STEP))


def test_in_a_container_the_command_that_mends_it_starts_outside(monkeypatch):
    monkeypatch.setenv("APPTAINER_CONTAINER", "/images/my hpcpy.sif")
    with pytest.raises(LaunchError, match=r"srun --mpi=pmi2 -n 8 apptainer exec '/images/my hpc"):
        check_world(MPICH, 1, read_announcement(STEP))
    with pytest.raises(LaunchError, match=r"with: apptainer exec '/images/my hpcpy.sif' .*mpiexec"):
        check_library(MPICH, read_announcement(PRTERUN), PRTERUN)


@pytest.fixture
def own_command(monkeypatch):
    """A program that was started as ``/opt/bin/solve 'my input'``."""
    monkeypatch.setattr(sys, "orig_argv", [sys.executable, "/opt/bin/solve", "my input"])
    monkeypatch.setattr("os.access", lambda path, mode: path == "/opt/bin/solve")
    monkeypatch.delenv("APPTAINER_CONTAINER", raising=False)
    return "/opt/bin/solve 'my input'"


@pytest.mark.parametrize(("library", "tool"), [(MPICH, "mpiexec.hydra"), (OPEN_MPI, "prterun")])
def test_the_mending_command_names_the_mpiexec_beside_this_python(
    library, tool, own_command, tmp_path, monkeypatch
):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    launcher = "mpirun of Open MPI"
    assert mend_launch(library, launcher, 3) == f"mpiexec -n 3 {own_command}"
    with pytest.raises(
        LaunchError, match=f"with the mpiexec of that library: mpiexec -n 3 {own_command}"
    ):
        check_world(library, 1, Announcement(launcher=launcher, variable="N", size=3, rank=0))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / tool).touch()
    assert mend_launch(library, launcher, 3) == f"{tmp_path}/bin/mpiexec -n 3 {own_command}"


@pytest.mark.parametrize(
    "library",
    ["Intel(R) MPI Library 2021.14 for Linux* OS", "MPI VERSION    : CRAY MPICH version 8.1.29"],
)
def test_the_family_of_mpich_speaks_pmi(library, own_command):
    assert mend_launch(library, "srun", 8) == f"srun --mpi=pmi2 -n 8 {own_command}"


def test_the_mending_command_of_srun(own_command):
    assert mend_launch(MPICH, "srun", 8) == f"srun --mpi=pmi2 -n 8 {own_command}"


@pytest.mark.parametrize("size", [1, 4])
def test_a_world_as_announced_passes(size):
    announcement = Announcement(launcher="srun", variable="PMI_SIZE", size=size, rank=0)
    check_world(MPICH, size, announcement)
    check_world(MPICH, size, None)


def test_mpich_under_prterun_is_refused_before_mpi_init():
    with pytest.raises(LaunchError, match=r"cannot talk to that launcher.*mpiexec.* -n 4 "):
        check_library(MPICH, read_announcement(PRTERUN), PRTERUN)


@pytest.mark.parametrize(
    ("library", "environ"),
    [(MPICH, HYDRA), (OPEN_MPI, PRTERUN), (MPICH_PMIX, PRTERUN), (MPICH, {})],
)
def test_a_library_that_speaks_the_protocol_passes(library, environ):
    check_library(library, read_announcement(environ), environ)
