import json
import signal
import subprocess
import sys

import pytest

from hpcpy_doctor import __main__ as module
from hpcpy_doctor.__main__ import main

FAST = ["--only", "world"]


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Not in a job, and without a trace of it in this process."""
    for name in ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"):
        monkeypatch.delenv(name, raising=False)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def announced(monkeypatch):
    """Return a function that makes this a rank of a launch."""

    def announce(rank):
        monkeypatch.setenv("PMI_SIZE", "2")
        monkeypatch.setenv("PMI_RANK", str(rank))

    return announce


def test_one_check_alone(capsys):
    assert main(FAST) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("hpcpy-doctor 0.")
    assert [line.split()[:2] for line in lines if line.startswith("ok")] == [["ok", "World"]]
    assert lines[-1] == "1 check: 1 ok"


def test_json(capsys):
    assert main([*FAST, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [check["name"] for check in report["checks"]] == ["world"]
    assert report["exit_code"] == 0


def test_list_and_explain(capsys):
    assert main(["--list"]) == 0
    assert "foreign-launcher" in capsys.readouterr().out
    assert main(["--explain", "launch-hangs"]) == 0
    assert "MPI starts in this launch, but does not get on" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "no-such"], "--only no_such: no such check; there are python_packages, "),
        (["--explain", "launch-hang"], "did you mean launch-hangs"),
        (["--no-such"], "No such option"),
        (["--deadline", "0"], "--deadline"),
    ],
)
@pytest.mark.parametrize("rank", [None, 0, 1])
def test_bad_input_is_said_once(words, message, rank, announced, capsys, monkeypatch):
    monkeypatch.setattr(module, "TO_SPEAK", 0)
    if rank is not None:
        announced(rank)
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert (message in said.err) == (rank != 1)


def test_help_is_said_by_the_first(announced, capsys):
    announced(1)
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == ""
    announced(0)
    assert main(["--help"]) == 0
    assert "    mpiexec -n 4 hpcpy-doctor\n" in capsys.readouterr().out


def test_strict(monkeypatch, make_check, make_kind):
    cold = make_check(run=lambda facts: [make_kind().found("3 degrees", degrees=1)])
    monkeypatch.setattr(module, "load_checks", lambda: ((cold,), ()))
    assert [main(["--only", "weather", *words]) for words in ([], ["--strict"])] == [0, 1]


def test_mpi_is_not_started():
    program = (
        "import sys\n"
        "from hpcpy_doctor.__main__ import main\n"
        "code = main(['--passive'])\n"
        "sys.exit(f'{code} mpi4py.MPI' if code or 'mpi4py.MPI' in sys.modules else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "check-failed" not in done.stdout
