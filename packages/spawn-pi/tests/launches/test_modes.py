"""Every mode gives the same pi; auto takes what works, and says why."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpcpy_spawn_pi.kernels import BLOCK
from hpcpy_spawn_pi.quadrature import count_blocks, to_pi
from hpcpy_spawn_pi.share import sum_part
from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.run_job import run_job

HERE = Path(__file__).parent
SECONDS = 120
INTERVALS = 20 * BLOCK + 4711
PI = to_pi(sum_part("numpy", INTERVALS, 0, count_blocks(INTERVALS)), INTERVALS)

RUN = ["run", "--json", "--intervals", str(INTERVALS)]
COMMAND = [sys.executable, "-m", "hpcpy_spawn_pi", *RUN]

MPIEXEC = Mpiexec.find()

UNSHARE = next(
    (
        words
        for words in (["unshare", "-m"], ["unshare", "-r", "-m"])
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    ),
    None,
)
"""How this user may enter a mount namespace of its own, as a container is one; None: not at all."""


def launch(parents, *argv, before=(), **variables):
    """Run the command on so many parents and return its report."""
    done = MPIEXEC.launch(parents, [*before, *COMMAND, *argv], timeout=SECONDS, env=variables)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert not done.leftovers
    return read_report(done)


def read_report(done):
    report = json.loads(done.stdout)
    assert report["pi"] == PI
    assert report["error"] == abs(PI - math.pi) < 1e-12
    return report


@pytest.mark.parametrize(
    ("mode", "parents", "workers"),
    [("spawn", 2, 3), ("split", 3, 2), ("futures", 2, 2)],  # with 1 parent: see below
)
def test_pi_is_the_same_to_the_last_bit_in_every_mode(mode, parents, workers):
    report = launch(parents, "--mode", mode, "--workers", str(workers))
    assert report["mode"] == {"name": mode, "reason": "asked for"}
    assert report["parameters"]["workers"] == workers
    assert report["ranks"] == parents
    assert min(report["seconds"].values()) >= 0


def test_auto_spawns_where_a_trial_did():
    report = launch(2, "--workers", "2")
    assert report["mode"]["name"] == "spawn"
    assert report["mode"]["reason"].endswith(" just spawned 2")
    assert report["parameters"]["workers"] == 2


def run_alone(path):
    """Run the command without a launcher; return its report."""
    done = subprocess.run(
        COMMAND,
        env={**os.environ, "PATH": str(path)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return read_report(done)


def test_auto_without_a_launcher_computes_alone():
    report = run_alone("")
    assert report["mode"]["name"] == "split"
    assert "without a launcher" in report["mode"]["reason"]
    assert report["parameters"]["workers"] == 1


def test_mpich_starts_an_mpiexec_of_its_own_where_it_finds_one():
    report = run_alone(f"{MPIEXEC.path.parent}{os.pathsep}{os.environ['PATH']}")
    assert report["mode"]["name"] == ("spawn" if MPIEXEC.vendor == "mpich" else "split")


SPOILT = {"PYTHONPATH": str(HERE / "spoilt")}
OBSTACLES = [
    (2, "--timeout 30", {**SPOILT, "TRIAL": "exits"}, "a trial failed: "),
    (
        1,
        "--timeout 2",
        {**SPOILT, "TRIAL": "hangs"},
        "a trial did not end within 2 s, and was ended",
    ),
]
if MPIEXEC.vendor == "openmpi":  # MPICH's launcher counts no slots
    STRICT = {"PRTE_MCA_rmaps_default_mapping_policy": ":nooversubscribe"}
    OBSTACLES.append((1, "--workers 999", STRICT, "999 workers, but mpirun of Open MPI has "))


@pytest.mark.parametrize(("parents", "argv", "variables", "words"), OBSTACLES)
def test_auto_splits_where_something_is_in_the_way(parents, argv, variables, words):
    report = launch(parents, *argv.split(), **variables)
    assert report["mode"]["name"] == "split"
    assert f"no spawn: {words}" in report["mode"]["reason"]
    assert report["parameters"]["workers"] == parents


CONTAINERS = [((), "spawn", "just spawned 1")]
if UNSHARE is not None:
    CONTAINERS.append((UNSHARE, "split", "its launcher is outside this container (Apptainer)"))


@pytest.mark.parametrize(("before", "mode", "words"), CONTAINERS)
def test_auto_in_a_container_whose_launcher_is_inside_or_outside(before, mode, words):
    inside = {"APPTAINER_CONTAINER": "/images/hpcpy.sif"}
    report = launch(1, "--workers", "1", before=before, **inside)
    assert report["mode"]["name"] == mode
    assert words in report["mode"]["reason"]


@pytest.mark.parametrize("mode", ["spawn", "futures"])
def test_files_in_the_current_directory_do_not_pass_for_modules(tmp_path, mode):
    for name in ("hpcpy_spawn_pi", "numpy", "mpi4py", "json", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(99)\n", encoding="utf-8")
    script = str(Path(sys.executable).with_name("hpcpy-spawn-pi"))
    command = MPIEXEC.command(1, [script, *RUN, "--mode", mode, "--workers", "1"], SECONDS)
    done = run_job(
        ["env", "-C", str(tmp_path), *command],
        env={**os.environ, **MPIEXEC.environment()},
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert read_report(done)["mode"]["name"] == mode
