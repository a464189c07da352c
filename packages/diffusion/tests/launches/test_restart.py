"""Checkpoints from the command line: stopped by a signal, continued by other numbers of ranks."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from hpcpy_testing.mpiexec import Mpiexec

COMMAND = [sys.executable, "-m", "hpcpy_diffusion", "run"]
POINTS = 37
GRID = ["--set", f"dx={20 / POINTS}"]
DT = 0.25 * (20 / POINTS) ** 2

SIGNALLED = """
import os, signal, sys, threading, time
from pathlib import Path
from hpcpy_core.launch import import_mpi, read_announcement
from hpcpy_diffusion.__main__ import main

NAMES = {"mpiexec", "mpiexec.hydra", "mpirun", "prterun"}

def find_mpiexec():
    pid = os.getppid()
    while not {Path(word).name for word in read(pid, "cmdline").split("\\0")[:2]} & NAMES:
        pid = int(read(pid, "stat").rpartition(")")[2].split()[1])
    return pid

def read(pid, name):
    return Path(f"/proc/{pid}/{name}").read_text()

def send():
    while not Path(sys.argv[1], "go").exists():
        time.sleep(0.01)
    os.kill(os.getpid() if sys.argv[2] == "myself" else find_mpiexec(), signal.SIGUSR1)

import_mpi()
import mpi4py.MPI as MPI
if MPI.COMM_WORLD.rank == MPI.COMM_WORLD.size - 1:
    threading.Thread(target=send, daemon=True).start()

from hpcpy_diffusion import lookout
real = lookout.Lookout.decide

def decide(self, step):  # the march has begun: the signal is caught
    Path(sys.argv[1], "go").touch()
    return real(self, step)

lookout.Lookout.decide = decide
sys.exit(main(["run", *sys.argv[3:]]))
"""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


def until(steps):
    """Return the options for so many steps."""
    return [*GRID, "--set", f"runtime={(steps + 0.5) * DT}"]


def solve(mpiexec, ranks, *argv, code=0):
    """Run the command; check its exit code and that it said what went wrong once."""
    done = mpiexec.launch(ranks, [*COMMAND, *map(str, argv)], timeout=120)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == (1 if code else 0), done.stderr
    assert not done.leftovers
    return done


@pytest.fixture(scope="module")
def whole(mpiexec, tmp_path_factory):
    """The bytes of the field of an uninterrupted run of 95 steps."""
    output = tmp_path_factory.mktemp("whole")
    solve(mpiexec, 1, *until(95), "--output", output, "--quiet")
    return (output / "field.npy").read_bytes()


@pytest.mark.parametrize(("wrote", "reads"), [(1, 4), (3, 2)])
def test_one_line_starts_and_continues_a_run(mpiexec, tmp_path, whole, wrote, reads):
    output = tmp_path / "out"
    line = ["--output", output, "--checkpoint-every", 30, "--resume", "--set", f"outtime={20 * DT}"]
    first = solve(mpiexec, wrote, *until(70), *line)
    assert first.stderr.count(f"no checkpoint in {output}/checkpoints: starting at step 0\n") == 1
    assert sorted(path.name for path in (output / "checkpoints").iterdir()) == [
        "ckpt-000000030",
        "ckpt-000000060",
    ]
    second = solve(mpiexec, reads, *until(95), *line)
    assert second.stderr.count(f"restarted from {output}/checkpoints/ckpt-000000060, t = ") == 1
    assert (output / "field.npy").read_bytes() == whole
    frames = sorted(path.name for path in (output / "frames").iterdir())
    assert frames == [f"step-{step:09d}.npy" for step in (0, 20, 40, 60, 80)]
    assert json.loads((output / "report.json").read_text())["ranks"] == reads


@pytest.mark.parametrize("to", ["mpiexec", "myself"])
def test_sigusr1_ends_in_a_checkpoint_and_exit_code_75(mpiexec, tmp_path, to):
    script = tmp_path / "signalled.py"
    script.write_text(SIGNALLED)
    kept = tmp_path / "kept here"
    argv = [script, tmp_path, to, *until(10**9), "--checkpoint", kept]
    done = mpiexec.launch(3, [sys.executable, *map(str, argv)], timeout=60)
    assert not done.timed_out
    assert done.returncode == 75, done.stderr
    assert "Traceback" not in done.stderr
    (path,) = kept.iterdir()
    step = int(path.name.removeprefix("ckpt-"))
    assert done.stderr.count("error: ") == 1
    assert (
        f"error: stopped by SIGUSR1 at step {step} of 1000000000, which is saved in {path}: to "
        f"continue, give the same command with --restart '{kept}'\n" in done.stderr
    )
    if to == "myself":
        return
    last = [*until(step + 100), "--quiet", "--output"]
    solve(mpiexec, 2, *last, tmp_path / "continued", "--restart", kept)
    solve(mpiexec, 1, *last, tmp_path / "at once")
    continued, at_once = (tmp_path / name / "field.npy" for name in ("continued", "at once"))
    assert continued.read_bytes() == at_once.read_bytes()
    assert np.load(at_once).any()


def test_sigusr1_is_not_caught_without_checkpoints(mpiexec, tmp_path):
    script = tmp_path / "signalled.py"
    script.write_text(
        "import os, signal, sys\n"
        "from hpcpy_core.launch import import_mpi\n"
        "from hpcpy_diffusion.__main__ import main\n"
        "import_mpi()\n"
        "from hpcpy_diffusion import solver\n"
        "real = solver.fill_initial\n"
        "def fill(*args):\n"
        "    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL\n"
        "    real(*args)\n"
        "solver.fill_initial = fill\n"
        "sys.exit(main(['run', *sys.argv[1:]]))\n"
    )
    caught = ["--checkpoint", str(tmp_path / "c")]
    argv = [sys.executable, str(script), *until(3), "--quiet"]
    assert mpiexec.launch(2, argv, timeout=60).returncode == 0
    assert "AssertionError" in mpiexec.launch(2, [*argv, *caught], timeout=60).stderr


def test_a_damaged_checkpoint_is_skipped_and_all_damaged_stop(mpiexec, tmp_path, whole):
    place = tmp_path / "checkpoints"
    solve(mpiexec, 2, *until(70), "--checkpoint-every", 30, "--checkpoint", place, "--quiet")
    for number, step in enumerate((60, 30)):
        file = place / f"ckpt-{step:09d}" / "u.npy"
        content = bytearray(file.read_bytes())
        content[1000] ^= 4
        file.write_bytes(content)
        again = [*until(95), "--restart", place, "--output", tmp_path / str(number)]
        if step == 60:
            done = solve(mpiexec, 3, *again)
            words = (
                "skipped ckpt-000000060: u.npy is damaged in slab 0 (rows 0 to 38): its checksum"
            )
            assert done.stderr.count(words) == 1
            assert done.stderr.count(f"restarted from {place}/ckpt-000000030, t = ") == 1
            assert (tmp_path / "0" / "field.npy").read_bytes() == whole
        else:
            done = solve(mpiexec, 3, *again, code=1)
            assert "(ckpt-000000060: u.npy is damaged in slab 0 (rows 0 to 38)" in done.stderr
            assert "; ckpt-000000030: u.npy is damaged in slab 0 (rows 0 to 38)" in done.stderr
            assert not (tmp_path / "1" / "field.npy").exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--restart", "{held}", "--set", "D=2"], "D = 2.0, but "),
        (["--restart", "{new}"], "there is no checkpoint in"),
        (["--checkpoint-every", "10"], "checkpoints need a place"),
        (["--checkpoint-every", "soon", "--output", "{new}"], "neither steps like 1000 nor a time"),
        (["--checkpoint", "{held}"], "holds ckpt-000000002 of an earlier run: give --resume"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_work_is_refused(mpiexec, tmp_path, held, argv, words):
    named = [word.format(held=held, new=tmp_path / "new") for word in argv]
    done = solve(mpiexec, 3, *until(9), *named, code=2)
    assert words in done.stderr
    assert done.stdout == ""


@pytest.fixture(scope="module")
def held(mpiexec, tmp_path_factory):
    """A folder with one checkpoint, of step 2."""
    place = tmp_path_factory.mktemp("held") / "checkpoints"
    solve(mpiexec, 1, *until(3), "--checkpoint-every", 2, "--checkpoint", place, "--quiet")
    assert [path.name for path in place.iterdir()] == ["ckpt-000000002"]
    return Path(place)
