"""The commands from the command line, as a user starts them."""

import json
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

SECONDS = 90
"""Far above what is seen, on a busy machine too; far below a hang."""


@pytest.fixture
def launch(tmp_path):
    """Return a function that starts the command on some ranks."""
    mpiexec = Mpiexec.find()

    def start(ranks, *argv):
        command = [sys.executable, "-m", "hpcpy_gpu_allreduce", *map(str, argv)]
        variables = {"XDG_CACHE_HOME": str(tmp_path)}
        done = mpiexec.launch(ranks, command, timeout=SECONDS, env=variables)
        assert not done.timed_out
        assert not done.leftovers
        return done

    return start


def test_verify_is_right_and_says_what_is_not_possible(launch):
    done = launch(3, "verify", "--counts", "0,1,1000", "--dtypes", "float16,int8,float64,complex64")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    table = {line.split()[0]: line for line in lines if not line.startswith(" ")}
    for name in ("host", "ring", "recursive_doubling", "rabenseifner", "hierarchical"):
        assert table[name].endswith("right")
    for name in ("staged", "pipelined", "direct", "ipc", "nccl"):
        assert "not possible here: it needs a GPU" in table[name]
    assert all(len(line) <= 80 for line in lines)


def test_tune_then_bench(launch, tmp_path):
    few = ["--sizes", "64:4K", "--repeats", "3", "--algorithms", "host,ring"]
    done = launch(2, "tune", *few)
    assert done.returncode == 0, done.stderr
    (stored,) = tmp_path.glob("hpcpy/gpu-allreduce/*.json")
    assert f"stored in {stored}" in done.stdout
    report = tmp_path / "bench.json"
    done = launch(2, "bench", *few, "--json", report, "--plot", tmp_path / "bench.png")
    assert done.returncode == 0, done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert len(json.loads(report.read_text())["measurements"]) == 4 * 3
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_the_loss_is_the_same_for_any_number_of_ranks(launch, tmp_path):
    losses = []
    for ranks, algorithm in ((1, "auto"), (4, "rabenseifner")):
        path = tmp_path / f"{ranks}.json"
        done = launch(ranks, "train", "--rows", "2000", "--algorithm", algorithm, "--json", path)
        assert done.returncode == 0, done.stderr
        losses.append(json.loads(path.read_text())["losses"])
    assert losses[1] == pytest.approx(losses[0], rel=1e-10, abs=0)
    assert losses[0][-1] < losses[0][0] / 100


@pytest.mark.parametrize(
    ("ranks", "argv", "words"),
    [
        (2, ["verify", "--algorithms", "rign"], "unknown algorithm 'rign': did you mean ring?"),
        (3, ["bench", "--algorithms", "ipc"], "none of the algorithms is possible here (ipc: it"),
        (2, ["train", "--algorithm", "nccl"], "algorithm 'nccl' is not possible here: it needs a"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_refused_once(launch, ranks, argv, words):
    done = launch(ranks, *argv)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("error: ") == 1, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
