"""Containers: what is installed cannot be written, and a home is full, or there is none."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import hpcpy_diffusion
from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.run_job import run_job

SECONDS = 120
"""Far above what is seen: every rank compiles."""

READ_ONLY = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; '
FULL = (
    'mount -t tmpfs -o size=16k,mode=700 none "$HOME"; '
    'dd if=/dev/zero of="$HOME/full" bs=4k 2> /dev/null || true; '
)
RUN = ["run", "--set", "dx=0.25", "--set", "runtime=0.1", "--set", "outtime=0.1"]


def can_mount():
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="file systems are mounted by root")
@pytest.mark.parametrize("home", ["full", "none"])
def test_it_runs_without_a_place_for_machine_code(tmp_path, home):
    installed = Path(hpcpy_diffusion.__file__).parent
    mpiexec = Mpiexec.find()
    (tmp_path / "home").mkdir()
    program = [str(Path(sysconfig.get_path("scripts"), "hpcpy-diffusion")), *RUN]
    command = mpiexec.command(2, [sys.executable, *program, "--kernel", "numba"], SECONDS)
    command += ["--output", str(tmp_path / "o")]
    script = f'{READ_ONLY}{FULL if home == "full" else ""}shift; exec "$@"'
    environ = {**os.environ, **mpiexec.environment(), "TMPDIR": str(tmp_path)}
    environ["HOME"] = str(tmp_path / "home") if home == "full" else "/proc/nonexistent"
    for name in ("XDG_CACHE_HOME", "NUMBA_CACHE_DIR"):
        environ.pop(name, None)
    done = run_job(
        ["unshare", "-m", "sh", "-ec", script, "sh", str(installed), *command],
        env=environ,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "o" / "report.json").exists()
    assert done.stderr.count("note: ") == 1, done.stderr
    words = {"full": "No space left on device", "none": "/proc/nonexistent, is not there"}
    assert words[home] in done.stderr
    assert "Traceback" not in done.stderr
    kept = list(tmp_path.rglob("*.nbc"))
    assert bool(kept) == (home == "none")
    assert {path.stat().st_mode & 0o777 for path in kept} <= {0o600}
