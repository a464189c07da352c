import json
import subprocess
import sys

import pytest

from hpcpy_core.run_alone import run_alone
from hpcpy_diffusion import scaling_command as module
from hpcpy_diffusion.scaling.launcher import Launcher
from hpcpy_diffusion.scaling.run_cases import Outcome


@pytest.fixture
def launched(monkeypatch):
    """Replace the jobs; return what they were asked for. Those of 4 ranks fail."""
    asked = []

    def run_cases(cases, launcher, options, **how):
        asked.append((cases, launcher, options, how))
        return [
            Outcome(case=case, failed="no slots")
            if case.ranks == 4
            else Outcome(case=case, reports=[make_report(case.ranks)])
            for case in cases
        ]

    monkeypatch.setattr(module, "run_cases", run_cases)
    monkeypatch.setattr(module, "find_launcher", lambda template: Launcher(("x", "{ranks}")))
    return asked


def make_report(ranks):
    return {
        "ranks": ranks,
        "nodes": 1,
        "kernel": "numba",
        "mpi": "MPICH 5.0.2",
        "dims": [ranks, 1],
        "threads": 1,
        "halo_depth": 1,
        "exchange": "persistent",
        "seconds": {"compute": 0.75, "halo": 0.25},
        "gcells_per_second": 2.0 * ranks,
        "mass": 1.0,
    }


def test_the_options_reach_the_jobs(launched, tmp_path, capsys):
    params = tmp_path / "case.txt"
    params.write_text("dx = 0.5;")
    report, picture = tmp_path / "a.json", tmp_path / "a.png"
    argv = [str(params), *("--set", "runtime=2", "--ranks", "2,1", "--mode", "strong")]
    argv += ["--exchange", "shared", "--halo-depth", "8", "--repeats", "3", "--timeout", "9"]
    files = ["--json", str(report), "--plot", str(picture)]
    assert run_alone(module.scaling, [*argv, *files, "--kernel", "numba"]) == 0
    ((cases, _, options, how),) = launched
    assert [str(case) for case in cases] == ["strong, 1 rank", "strong, 2 ranks"]
    assert cases[0].parameters.points == 40
    assert options == [
        *(str(params), "--set", "runtime=2", "--device", "cpu", "--kernel", "numba"),
        *("--exchange", "shared", "--halo-depth", "8"),
    ]
    assert (how["repeats"], how["timeout"]) == (3, 9.0)
    said = json.loads(report.read_text())
    assert said["command"] == "hpcpy-diffusion scaling"
    assert (said["kernel"], said["mpi"], said["launcher"]) == ("numba", "MPICH 5.0.2", "x {ranks}")
    assert [row["efficiency"] for row in said["scaling"]["strong"]["rows"]] == [1.0, 1.0]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "strong scaling: " in capsys.readouterr().out


def test_a_number_of_ranks_that_failed_is_told_in_the_end(launched, tmp_path, capsys):
    report, picture = tmp_path / "a.json", tmp_path / "a.png"
    files = ["--json", str(report), "--plot", str(picture)]
    assert run_alone(module.scaling, ["--ranks", "1,4", "--mode", "weak", *files]) == 1
    assert "\n    4  failed\n" in capsys.readouterr().out
    assert json.loads(report.read_text())["scaling"]["weak"]["failed"] == {"4": "no slots"}
    assert picture.exists()
    picture.unlink()
    assert run_alone(module.scaling, ["--ranks", "4", *files]) == 1
    assert not picture.exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--kernel", "nmba"], "unknown kernel 'nmba'"),
        (["--kernel", "cupy-raw"], "cupy-raw computes on a GPU, and scaling is measured on CPUs"),
        (["--set", "dx=100"], "dx = 100.0: gives a grid of 0"),
        (["--set", "runtime=0"], "runtime = 0: is shorter than a step"),
        (["--set", "initial=a.npy"], "weak scaling needs several"),
        (["missing.txt"], "parameter file missing.txt: No such file"),
        (["--ranks", "0"], "is not a list of numbers from 1"),
        (["--ranks", "1,1000000"], "--ranks 1000000: this process may use "),
        (["--ranks", "1,2,999999999999"], "is not a list of numbers from 1"),
        (["--repeats", "0"], "0 is not in the range"),
        (["--timeout", "0"], "0.0 is not in the range"),
        (["--halo-depth", "deep"], "is neither auto nor a number from 1"),
        (["--exchange", "smoke"], "'smoke' is not one of"),
        (["--json", "missing/a.json"], "--json missing/a.json cannot be written"),
        (["--plot", "missing/a.png"], "--plot missing/a.png cannot be written"),
        (["--plot", "a.txt"], "a picture's name ends in"),
    ],
)
def test_what_cannot_work_starts_no_job(launched, tmp_path, monkeypatch, capsys, argv, words):
    monkeypatch.chdir(tmp_path)
    assert run_alone(module.scaling, argv) == 2
    assert words in capsys.readouterr().err
    assert not launched
    assert not list(tmp_path.iterdir())


def test_whoever_names_a_launcher_may_start_a_million(launched, capsys):
    argv = ["--ranks", "1000000", "--mode", "strong", "--launcher", "srun -n {ranks}"]
    assert run_alone(module.scaling, argv) == 0
    ((cases, *_),) = launched
    assert [case.ranks for case in cases] == [1_000_000]


@pytest.mark.parametrize("command", ["scaling", "profile"])
def test_no_mpi_is_started_here(command):
    program = (
        "import sys\n"
        "from hpcpy_core.run_alone import run_alone\n"
        f"from hpcpy_diffusion.{command}_command import {command}\n"
        f"assert run_alone({command}, ['--help']) == 0\n"
        "assert not {'mpi4py.MPI', 'numba', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
