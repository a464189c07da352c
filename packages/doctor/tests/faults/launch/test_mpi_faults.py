"""An mpiexec or a launch that does not fit is made; and its cure is done."""

import os

import pytest

from hpcpy_core.expendable import scrub
from hpcpy_doctor.checks.launcher import EXAMPLE_RANKS
from hpcpy_doctor.looks.count_slots import count_cores
from hpcpy_doctor.looks.launcher_kinds import FEW_SLOTS
from hpcpy_testing.run_job import run_job

SECONDS = 60


@pytest.fixture
def open_mpi(mpiexec):
    """Its mpiexec, which has rules that no other has."""
    if mpiexec.vendor != "openmpi":
        pytest.skip("only Open MPI refuses root, and counts slots")
    return mpiexec


def test_two_mpis_on_path(doctor, usual, foreign, mpiexec):
    path = os.pathsep.join([str(foreign.path.parent), usual["PATH"]])
    words = doctor.words("mpi_programs")
    found = doctor.examine(words, {**usual, "PATH": path})["foreign-mpiexec-first"]
    assert found["level"] == "warning"
    assert str(foreign.path) in found["seen"]
    after = doctor.after(found, words, {**usual, "PATH": path})
    assert after["several-mpis"]["level"] == "note"
    assert after["several-mpis"]["cure"] == f"{mpiexec.path} -n 4 hpcpy-doctor"


def test_an_mpiexec_that_does_not_run(doctor, usual, tmp_path):
    for name in ("mpiexec", "mpirun"):
        (tmp_path / name).write_text("#!/no/such/interpreter\n")
        (tmp_path / name).chmod(0o755)
    environ = {**usual, "PATH": os.pathsep.join([str(tmp_path), usual["PATH"]])}
    words = doctor.words("mpi_programs")
    found = doctor.examine(words, environ, 2)["mpiexec-does-not-run"]
    assert str(tmp_path) in found["seen"]
    assert doctor.after(found, words, environ) == {}
    environ = {**usual, "HPCPY_MPIEXEC": str(tmp_path / "mpiexec")}
    found = doctor.examine(words, environ, 2)["hpcpy-mpiexec-wrong"]
    assert doctor.after(found, words, environ) == {}


def test_the_launcher_of_another_mpi(doctor, usual, foreign):
    words = doctor.words("launcher,world")
    environ = {**usual, **foreign.environment()}
    (found,) = doctor.examine(foreign.command(3, words, SECONDS), environ, 2).values()
    assert (found["id"], found["ranks"]) == ("foreign-launcher", [0, 1, 2])
    assert " started 3 processes" in found["seen"]
    assert doctor.examine(["bash", "-c", found["cure"]], environ) == {}


def test_a_launcher_inside_of_another_ones_job(doctor, usual, foreign, mpiexec):
    words = doctor.words("launcher")
    inner = [str(mpiexec.path), "-n", "1", *words]
    environ = {**usual, **foreign.environment()}
    (found,) = doctor.examine(foreign.command(1, inner, SECONDS), environ).values()
    assert (found["id"], found["level"]) == ("two-launchers", "warning")
    shell = ["bash", "-c", f"{found['cure']}; {' '.join(inner)}"]
    assert doctor.examine(foreign.command(1, shell, SECONDS), environ) == {}


def test_variables_of_a_job_that_has_ended(doctor, usual, mpiexec):
    """A shell that was started in a job and outlived it, as in tmux, has them."""
    done = mpiexec.launch(1, ["env", "-0"], timeout=SECONDS)
    was = dict(line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)
    left = {name: value for name, value in was.items() if name not in scrub(was)}
    words = doctor.words("launcher")
    (found,) = doctor.examine(words, {**usual, **left}, 2).values()
    assert found["id"] == "left-over-launcher-variables"
    assert doctor.after(found, words, {**usual, **left}) == {}


def test_processes_that_announce_nothing(doctor, usual, mpiexec):
    settings = [f"{name}={value}" for name, value in mpiexec.environment().items()]
    words = ["env", "-i", f"PATH={usual['PATH']}", *settings, *doctor.words("launcher")]
    found = doctor.examine(mpiexec.command(2, words, SECONDS), usual, 2)["launcher-variables-lost"]
    assert found["ranks"] == [0, 1]
    assert " started this, and no variable tells" in found["seen"]


def test_ranks_that_are_there_twice(doctor, usual, mpiexec):
    forged = ["PMI_RANK=0", "OMPI_COMM_WORLD_RANK=0"][mpiexec.vendor == "openmpi"]
    words = ["env", forged, *doctor.words("world")]
    found = doctor.examine(mpiexec.command(2, words, SECONDS), usual, 2)
    assert found["ranks-twice"]["seen"] == "2 processes, and more than one of rank 0 of 2"


def test_processes_that_are_not_alike(doctor, usual, mpiexec, tmp_path):
    words = doctor.words("world")
    other = ["env", f"--chdir={tmp_path}", "MPI4PY_LIBMPI=/no/libmpi.so", *words]
    found = doctor.examine(mpiexec.command(1, [*words, ":", "-n", "1", *other], SECONDS), usual, 2)
    assert {*found} == {"libraries-differ", "folders-differ"}
    assert "rank 1: none" in found["libraries-differ"]["seen"]
    assert f"rank 1: {tmp_path}" in found["folders-differ"]["seen"]


def test_open_mpi_as_root(doctor, usual, open_mpi):
    """Where nobody is root, a user namespace makes one."""
    refused = {name: usual[name] for name in usual if not name.startswith("OMPI_ALLOW")}
    root = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]
    done = run_job([*root, str(open_mpi.path), "-n", "1", "true"], env=refused, timeout=SECONDS)
    assert "attempt to run as root" in done.stderr
    words = [*root, *doctor.words("launcher")]
    found = doctor.examine(words, refused)["open-mpi-as-root"]
    line = f"{found['cure']}; exec {open_mpi.path} -n 1 true"
    done = run_job([*root, "bash", "-c", line], env=refused, timeout=SECONDS)
    assert done.returncode == 0, done.stderr


def test_open_mpi_without_enough_slots(doctor, usual, open_mpi):
    few = {name: usual[name] for name in usual if not name.startswith("PRTE_MCA_")}
    cores = count_cores()
    launch = [str(open_mpi.path), "-n", str(cores + 1), "true"]
    assert "not enough slots" in run_job(launch, env=few, timeout=SECONDS).stderr
    cure = FEW_SLOTS.cure
    found = doctor.examine(doctor.words("launcher"), few)
    if cores < EXAMPLE_RANKS:
        assert f"`mpiexec -n {cores + 1}` is refused" in found["open-mpi-slots"]["seen"]
        assert found["open-mpi-slots"]["cure"] == cure
    line = f"{cure}; exec {' '.join(launch)}"
    assert run_job(["bash", "-c", line], env=few, timeout=SECONDS).returncode == 0
    # A host file, too, gives slots: here one, where the cores would do.
    if len(os.sched_getaffinity(0)) > 1:
        given = [str(open_mpi.path), "--host", "localhost:1", "--map-by", ":OVERSUBSCRIBE"]
        words = [*given, "-n", "2", *doctor.words("launcher")]
        found = doctor.examine(words, few)["more-ranks-than-slots"]
        assert found["seen"] == "2 processes, but OMPI_UNIVERSE_SIZE=1"
