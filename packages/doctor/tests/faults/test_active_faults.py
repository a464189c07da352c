"""The active checks where something is wrong, which is made so."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hpcpy_testing.emulated_driver import driver_environment
from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.run_job import run_job

DOCTOR = [str(Path(sys.executable).with_name("hpcpy-doctor")), "--json", "--only"]
SECONDS = 200

SLOTS = ("PRTE_MCA_rmaps_default_mapping_policy", "PRTE_MCA_hwloc_default_binding_policy")

DIES = {
    "mpich": {"MPIR_CVAR_CH4_NETMOD": "ofi", "FI_PROVIDER": "nosuch"},
    "openmpi": {"OMPI_MCA_btl": "self"},
}
"""Settings with which MPI_Init ends the processes."""
SLOW = {
    "mpich": {"MPIR_CVAR_NOLOCAL": "1", "UCX_TLS": "tcp"},
    "openmpi": {"OMPI_MCA_btl": "self,tcp"},
}
"""Settings with which messages go through TCP."""
SWAPPED = {
    "mpich": {"MPIR_CVAR_NOLOCAL": "1"},
    "openmpi": {"OMPI_MCA_pml": "ucx", "OMPI_MCA_btl": "^ofi"},
}
"""Settings with which messages go through a UCX that knows CUDA."""

NEVER = """#!/bin/bash
# An mpiexec whose last process never comes to MPI_Init.
shift 2
exec {mpiexec} -n 1 "$@" : -n 1 sleep 60
"""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture
def ask(mpiexec, tmp_path):
    """Return a function that runs checks in their own words, and returns all that they found."""

    def ask(checks, *, wrap=(), code=0, **variables):
        environ = {**os.environ, **mpiexec.environment(), "XDG_CACHE_HOME": str(tmp_path)}
        plain = {name: environ[name] for name in environ if name not in SLOTS}
        done = run_job([*wrap, *DOCTOR, checks], env={**plain, **variables}, timeout=SECONDS)
        assert done.returncode == code, done.stdout + done.stderr
        assert not done.leftovers
        report = json.loads(done.stdout)
        assert report["exit_code"] == code
        return {check["name"]: check["findings"][0] for check in report["checks"]}

    return ask


def can_mount():
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


needs_mount = pytest.mark.skipif(not can_mount(), reason="file systems are mounted by root")


def mounted(script, *places):
    """Return what runs a command in a mount namespace of its own, after a script."""
    wrap = ["unshare", "-m", "sh", "-ec", f'{script}; shift {len(places)}; exec "$@"', "sh"]
    return [*wrap, *map(str, places)]


def test_mpi_init_dies_and_the_setting_to_blame_is_named(ask, mpiexec):
    settings = DIES[mpiexec.vendor]
    found = ask("mpi_jobs,spawn,mpi_files", code=2, **settings)
    assert found["mpi_jobs"]["id"] == "mpi-init-dies"
    assert f"{mpiexec.path} -n 2, stage init: " in found["mpi_jobs"]["seen"]
    words = {"mpich": "OFI call getinfo failed", "openmpi": "unable to reach each other"}
    assert words[mpiexec.vendor] in found["mpi_jobs"]["seen"]
    assert found["mpi_jobs"]["cure"] == f"unset {list(settings)[-1]}"
    for name in ("spawn", "mpi_files"):  # for which no job is started any more
        assert found[name]["id"] == "not-tried"
        assert found[name]["seen"].endswith("stops before that, in the stage init")


def test_mpi_init_hangs(ask, mpiexec, tmp_path):
    path = tmp_path / "mpiexec"
    path.write_text(NEVER.format(mpiexec=mpiexec.path))
    path.chmod(0o755)
    found = ask("mpi_jobs", code=2, HPCPY_MPIEXEC=str(path))["mpi_jobs"]
    assert found["id"] == "mpi-init-hangs"
    assert "stage init: 1 of 2 ranks came to it, no answer in 8 s" in found["seen"]
    assert found["cure"] == "unset HPCPY_MPIEXEC"


def test_a_launcher_that_starts_nothing(ask):
    found = ask("mpi_jobs", code=2, HPCPY_MPIEXEC="/bin/false")["mpi_jobs"]
    assert (found["id"], found["cure"]) == ("mpi-job-not-started", "unset HPCPY_MPIEXEC")


def test_messages_that_go_through_a_network_interface_are_slow(ask, mpiexec):
    settings = SLOW[mpiexec.vendor]
    found = ask("mpi_jobs", **settings)["mpi_jobs"]
    assert (found["id"], found["level"]) == ("mpi-messages-slow", "warning")
    assert found["cure"] == f"unset {next(iter(settings))}"


@needs_mount
def test_a_shared_memory_that_is_full(ask, mpiexec):
    before = set(Path("/dev/shm").iterdir())
    fill = "mount -t tmpfs -o size=1m none /dev/shm; mkdir /dev/shm/theirs"
    died = mpiexec.vendor == "mpich"
    found = ask("mpi_jobs", wrap=mounted(fill), code=2 if died else 0)["mpi_jobs"]
    if died:
        assert found["id"] == "shared-memory-crash"
        assert "bus error in the stage init; /dev/shm has 1.0 MiB free" in found["seen"]
        assert found["cure"].endswith("mount -o remount,size=1g /dev/shm")
    else:
        assert found["id"] == "shared-memory-refused"
        name, _, folder = found["cure"].removeprefix("export ").partition("=")
        mended = ask("mpi_jobs", wrap=mounted(fill), **{name: folder})["mpi_jobs"]
        assert mended["level"] == "ok"
    assert before >= {path for path in Path("/dev/shm").iterdir() if path.name == "theirs"}


@needs_mount
@pytest.mark.parametrize(
    ("size", "then", "kind"),
    [("1m", "mount -o remount,ro {}", "mpi-files-no-folder"), ("40k", "true", "mpi-files-fail")],
    ids=["read-only", "full"],
)
def test_a_working_directory_that_takes_no_file(ask, tmp_path, size, then, kind):
    folder = tmp_path / "disk"
    folder.mkdir()
    script = f'mount -t tmpfs -o size={size} none "$1"; {then.format(folder)}; cd "$1"'
    code = 2 if kind == "mpi-files-fail" else 0
    found = ask("mpi_files", wrap=mounted(script, folder), code=code)["mpi_files"]
    assert found["id"] == kind
    assert found["seen"].startswith(f"{folder}: ")
    said = {"mpi-files-no-folder": "Read-only file system", "mpi-files-fail": "MPI_File_"}
    assert said[kind] in found["seen"]


def test_a_working_directory_that_was_removed(ask, tmp_path, mpiexec):
    script = 'mkdir "$1"; cd "$1"; rmdir "$1"; shift; exec "$@"'
    wrap = ["sh", "-ec", script, "sh", str(tmp_path / "gone")]
    refuses = mpiexec.vendor == "openmpi"
    found = ask("mpi_files,mpi_jobs", wrap=wrap, code=2 if refuses else 0)
    assert found["mpi_files"]["id"] == "mpi-files-no-folder"
    assert found["mpi_files"]["seen"] == "the working directory: No such file or directory"
    if refuses:
        assert found["mpi_jobs"]["id"] == "mpi-job-not-started"
        assert found["mpi_jobs"]["cure"] == "cd $HOME"


def test_too_few_slots_to_spawn(ask, mpiexec, tmp_path):
    if mpiexec.vendor == "mpich":
        pytest.skip("MPICH counts no slots")
    hosts = tmp_path / "hosts"
    hosts.write_text("localhost slots=1\n")
    found = ask("spawn", PRTE_MCA_prte_default_hostfile=str(hosts))["spawn"]
    assert (found["id"], found["level"]) == ("spawn-without-slots", "note")
    name, _, value = found["cure"].removeprefix("export ").partition("=")
    more = {name: value, "PRTE_MCA_prte_default_hostfile": str(hosts)}
    assert ask("spawn", **more)["spawn"]["level"] == "ok"


def test_a_ucx_that_knows_cuda_under_an_mpi_that_does_not(ask, mpiexec):
    found = importlib.util.find_spec("libucx")
    if found is None:
        pytest.skip("libucx-cu13 is not installed")
    (place,) = found.submodule_search_locations
    driver = driver_environment()
    path = f"{place}/lib:{driver['LD_LIBRARY_PATH']}"
    settings = {**driver, **SWAPPED[mpiexec.vendor], "LD_LIBRARY_PATH": path}
    said = ask("gpu_transport", **settings)["gpu_transport"]
    assert said["id"] == "gpu-transport-in-part"
    assert "reduction (segmentation fault (Allreduce, 8 B))" in said["seen"]
