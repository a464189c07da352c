"""Two jobs with one ``--output`` at one time: one of them is refused, and the other is right."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from hpcpy_testing.mpiexec import Mpiexec

TOGETHER = """
import sys, time
from pathlib import Path
from hpcpy_core.launch import import_mpi
from hpcpy_diffusion.__main__ import main

import_mpi()
from hpcpy_diffusion import solver
real = solver.fill_initial

def fill(*args):  # both have looked at the directory, neither has made it
    Path(sys.argv[1], sys.argv[2]).touch()
    end = time.monotonic() + 40
    while len(list(Path(sys.argv[1]).glob("D=*"))) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    real(*args)

solver.fill_initial = fill
sys.exit(main(["run", "--quiet", "--kernel", "numpy", "--set", sys.argv[2], *sys.argv[3:]]))
"""
GRID = ["--set", "dx=1", "--set", "runtime=5", "--set", "outtime=1"]


@pytest.mark.parametrize("apart", [False, True], ids=["output", "checkpoints too"])
def test_started_at_the_same_moment(tmp_path, apart):
    mpiexec = Mpiexec.find()
    script = tmp_path / "together.py"
    script.write_text(TOGETHER)
    places = ["--output", str(tmp_path / "o")]
    if apart:
        places += ["--checkpoint", str(tmp_path / "c"), "--checkpoint-every", "10"]

    def launch(what):
        argv = [sys.executable, str(script), str(tmp_path), what, *GRID, *places]
        return mpiexec.launch(2, argv, timeout=90)

    with ThreadPoolExecutor() as pool:
        done = dict(zip(("D=1", "D=2"), pool.map(launch, ("D=1", "D=2")), strict=True))
    codes = {what: each.returncode for what, each in done.items()}
    assert sorted(codes.values()) == [0, 2], [each.stderr for each in done.values()]
    (winner,) = (what for what, code in codes.items() if code == 0)
    (refused,) = (each.stderr for what, each in done.items() if what != winner)
    assert refused.count("error: ") == 1, refused
    assert "is in use by process" in refused or "another job has written there" in refused
    alone = [sys.executable, "-m", "hpcpy_diffusion", "run", "--quiet", "--kernel", "numpy"]
    alone += [*GRID, "--set", winner, "--output", str(tmp_path / "alone")]
    assert mpiexec.launch(1, alone, timeout=60).returncode == 0
    files = sorted(path.relative_to(tmp_path / "alone") for path in tmp_path.glob("alone/**/*.npy"))
    shared = [path for path in files if path.parts[0] != "checkpoints"]
    assert len(shared) > 3
    for path in shared:
        assert (tmp_path / "o" / path).read_bytes() == (tmp_path / "alone" / path).read_bytes()
    assert [path.name for path in (tmp_path / "o").iterdir() if path.name.startswith(".")] == []
