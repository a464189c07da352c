"""The scaling command with real jobs, and with launchers that fail, hang or say what they got."""

import json
import os
import subprocess
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

ALONE = (
    "import sys\n"
    "from hpcpy_core.run_alone import run_alone\n"
    "from hpcpy_diffusion.scaling_command import scaling\n"
    "code = run_alone(scaling, sys.argv[1:])\n"
    "assert 'mpi4py.MPI' not in sys.modules\n"
    "sys.exit(code)\n"
)
GRID = ["--set", "dx=0.5", "--set", "runtime=2", "--set", "outtime=1", "--kernel", "numpy"]


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture
def scale(mpiexec, tmp_path):
    """Return a function that runs the command and returns how it ended, and its report."""

    def run(*argv, **environ):
        report = tmp_path / "scaling.json"
        command = ["timeout", "-k", "5", "240", sys.executable, "-c", ALONE]
        done = subprocess.run(
            [*command, *argv, *GRID, "--json", str(report)],
            env={**os.environ, **mpiexec.environment(), **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert report.exists(), done.stderr
        return done, json.loads(report.read_text())["scaling"]

    return run


def make_launcher(path, lines):
    """Write a launcher; return the template that calls it."""
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return f"{path} --tasks={{ranks}} {{ranks}}"


def test_strong_and_weak_scaling_are_measured_with_this_mpi(scale, tmp_path):
    picture = tmp_path / "scaling.png"
    done, scaling = scale("--ranks", "1,2", "--repeats", "1", "--plot", str(picture))
    assert done.returncode == 0, done.stderr
    for mode, sides in (("strong", [40, 40]), ("weak", [40, 57])):
        rows = scaling[mode]["rows"]
        assert [row["ranks"] for row in rows] == [1, 2]
        assert [row["dims"] for row in rows] == [[1, 1], [2, 1]]
        assert [row["points"] for row in rows] == sides
        assert [row["steps"] for row in rows] == [32, 32]
        assert rows[1]["exchange"] == "persistent"
        first, last = (row["gcells_per_second"]["median"] for row in rows)
        assert rows[1]["efficiency"] == pytest.approx(last / first / 2)
        for row in rows:  # one repeat: the median is that job's own figure
            busy = row["seconds"]["compute"] + row["seconds"]["halo"]  # of several slowest ranks
            updates = row["points"] ** 2 * row["steps"] * 1e-9
            assert 0.999 <= row["gcells_per_second"]["median"] * busy / updates <= 2
    strong, weak = (scaling[mode]["rows"] for mode in ("strong", "weak"))
    assert strong[0]["mass"] == pytest.approx(strong[1]["mass"], rel=1e-12)
    assert strong[0]["mass"] == weak[0]["mass"] != weak[1]["mass"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert done.stdout.startswith("strong scaling: 32 steps, float64, kernel numpy, medians of 1\n")


def test_a_launcher_gets_its_ranks_and_one_that_fails_stops_only_its_own(scale, mpiexec, tmp_path):
    template = make_launcher(
        tmp_path / "launch",
        f'echo "$1" >> {tmp_path}/asked\n'
        'if [ "$2" = 2 ]; then echo "no partition has 2 nodes" >&2; exit 7; fi\n'
        f'ranks=$2; shift 2; exec {mpiexec.path} -n $ranks "$@"',
    )
    argv = ["--ranks", "1,2", "--mode", "strong", "--repeats", "2"]
    done, scaling = scale(*argv, "--launcher", template)
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "asked").read_text().split() == ["--tasks=1", "--tasks=2", "--tasks=1"]
    assert scaling["strong"]["failed"] == {"2": "exit code 7: no partition has 2 nodes"}
    assert scaling["strong"]["rows"][0]["gcells_per_second"]["repeats"] == 2
    said = "strong, 2 ranks: failed: exit code 7: no partition has 2 nodes\n"
    assert done.stderr.count(said) == 1


def test_a_launcher_that_hangs_is_ended(scale, tmp_path):
    template = make_launcher(tmp_path / "launch", f"echo $$ > {tmp_path}/pid; exec sleep 600")
    done, scaling = scale("--ranks", "3", "--launcher", template, "--timeout", "1")
    assert done.returncode == 1, done.stderr
    expected = {"base_ranks": None, "rows": [], "failed": {"3": "ended after 1 s (--timeout)."}}
    assert scaling == {"strong": expected, "weak": expected}
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_started_by_mpiexec_it_says_once_what_to_do(mpiexec):
    done = mpiexec.launch(2, [sys.executable, "-m", "hpcpy_diffusion", "scaling"], timeout=60)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("error: scaling is one process, but mp") == 1
    assert done.stderr.count("start it without a launcher") == 1
    assert not done.leftovers
