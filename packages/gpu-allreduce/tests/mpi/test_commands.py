"""What the commands do, on communicators of any size."""

import json

import numpy as np
import pytest

from hpcpy_core.device import CPU
from hpcpy_core.errors import InputError
from hpcpy_core.files.json_cache import recall_json
from hpcpy_gpu_allreduce import ring
from hpcpy_gpu_allreduce.attached import attach
from hpcpy_gpu_allreduce.errors import VerificationError
from hpcpy_gpu_allreduce.regression import Problem, descend, make_rows
from hpcpy_gpu_allreduce.run_bench import run_bench
from hpcpy_gpu_allreduce.run_train import run_train
from hpcpy_gpu_allreduce.run_tune import run_tune
from hpcpy_gpu_allreduce.run_verify import run_verify
from hpcpy_gpu_allreduce.tuned import describe_environment, find_thresholds, name_file
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

HERE = {"device": "cpu", "transport": "auto"}
ALL = ("host", "staged", "ring", "hierarchical")
FEW = {"dtypes": ("int16", "float32", "complex64"), "ops": ("sum", "min"), "counts": (0, 5)}
BENCH = {"dtype": "float32", "op": "sum", "repeats": 2, "json": None, "plot": None, **HERE}
PROBLEM = Problem(rows=500, features=4, steps=20, rate=0.2, seed=1)


@pytest.fixture
def spoilt_ring(comm, monkeypatch):
    """Let the last rank add 1 to its result."""
    right = ring.Ring.run

    def run(self, sendbuf, recvbuf):
        right(self, sendbuf, recvbuf)
        recvbuf[...] += self.case.comm.rank == self.case.comm.size - 1

    monkeypatch.setattr(ring.Ring, "run", run)


def test_verify_says_what_was_right_and_what_is_not_possible(comm, capfd):
    run_verify(comm, algorithms=ALL, **FEW, **HERE)
    lines = capfd.readouterr().out.splitlines()
    if comm.rank:
        assert lines == []
        return
    table = {line.split()[0]: line for line in lines if not line.startswith(" ")}
    assert "not possible here: it needs a GPU" in table["staged"]
    # 5 pairs of dtype and operation, since complex numbers have no least, in 2 sizes and 3 ways
    for name in ("ring", "hierarchical"):
        assert table[name].split()[1] == "30"
        assert table[name].endswith("right")
    assert "bound: |result - reference| <=" in "\n".join(lines)


def test_verify_names_what_was_wrong(comm, capfd, spoilt_ring):
    words = f"ring, MPI.SUM of 5 int16: rank {comm.size - 1}, separate arrays, at index 0: "
    with parallel_raises(comm, VerificationError, match=words) as caught:
        run_verify(comm, algorithms=ALL, **FEW, **HERE)
    parallel_assert(comm, caught.error.agreed and caught.error.exit_code == 1)
    if comm.rank == 0:
        assert "15 WRONG" in capfd.readouterr().out


def test_bench_writes_report_and_picture(comm, tmp_path, capfd):
    path = comm.bcast(tmp_path / "bench.json", root=0)
    picture = path.with_suffix(".png")
    options = {**BENCH, "json": path, "plot": picture, "sizes": (1, 64, 4096)}
    run_bench(comm, algorithms=ALL, **options)
    told = capfd.readouterr()
    if comm.rank:
        assert told == ("", "")
        return
    report = json.loads(path.read_text())
    assert report["ranks"] == comm.size
    assert list(report["not_possible"]) == ["staged"]
    seen = [(each["bytes"], each["algorithm"]) for each in report["measurements"]]
    names = ("copy", "host", "ring", "hierarchical")
    assert seen == [(nbytes, name) for nbytes in (4, 64, 4096) for name in names]
    assert len(told.out.splitlines()) == 1 + len(seen)
    assert "staged is not possible here" in told.err
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_bench_times_nothing_that_is_wrong(comm, spoilt_ring):
    with parallel_raises(comm, VerificationError, match="it was not timed") as caught:
        run_bench(comm, algorithms=("host", "ring"), sizes=(8,), **BENCH)
    parallel_assert(comm, caught.error.agreed)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"algorithms": ("staged",)}, "none of the algorithms is possible here .*needs a GPU"),
        ({"sizes": (1 << 50,)}, "measuring 2 algorithms with 1024T B needs .* GiB"),
        ({"op": "max", "dtype": "complex64"}, "has no order"),
        ({"device": "gpu"}, "--device gpu"),
    ],
)
def test_bench_refuses_before_it_measures(comm, changes, words):
    options = {"algorithms": ("host", "ring"), "sizes": (8,), **BENCH, **changes}
    with parallel_raises(comm, InputError, match=words) as caught:
        run_bench(comm, **options)
    parallel_assert(comm, caught.error.agreed)


def test_bench_refuses_output_that_cannot_be_written(comm, tmp_path):
    missing = comm.bcast(tmp_path / "missing", root=0)
    for option in ("json", "plot"):
        options = {**BENCH, option: missing / "a.png"}
        with parallel_raises(comm, InputError, match=f"--{option} .*cannot be written"):
            run_bench(comm, algorithms=("host",), sizes=(8,), **options)


def test_what_was_tuned_is_taken_at_once(comm, capfd):
    find_thresholds(attach(comm), CPU)
    run_tune(comm, algorithms=("ring", "hierarchical"), sizes=(8, 64), repeats=2, **HERE)
    found = find_thresholds(attach(comm), CPU)
    parallel_assert(comm, {row.algorithm for row in found.rows} <= {"ring", "hierarchical"})
    if comm.rank == 0:
        name = name_file(describe_environment(attach(comm), CPU))
        _, path = recall_json("gpu-allreduce", name)
        assert capfd.readouterr().out.endswith(f"stored in {path}\n")
        assert found.origin == f"tuned, {path}"


def losses_of(comm, algorithm):
    return np.array([loss for loss, _ in descend(PROBLEM, comm, CPU, algorithm)])


@pytest.mark.parametrize("algorithm", ["host", "ring", "rabenseifner", "hierarchical"])
def test_the_loss_is_that_of_one_rank(comm, subcomm, algorithm):
    alone = subcomm(1)
    one = comm.bcast(losses_of(alone, "host") if alone else None)
    found = losses_of(comm, algorithm)
    parallel_assert(comm, np.allclose(found, one, rtol=1e-12, atol=0))
    parallel_assert(comm, len(set(comm.allgather(found.tobytes()))) == 1)
    parallel_assert(comm, len(found) == PROBLEM.steps + 1 and (np.diff(found) < 0).all())


def test_the_loss_is_the_mean_square_and_falls_to_that_of_least_squares(comm):
    x, y = make_rows(PROBLEM, 0, PROBLEM.rows)
    seen = list(descend(PROBLEM, comm, CPU, "auto"))
    for loss, weights in seen[:3]:
        parallel_assert(comm, np.isclose(loss, np.mean((x @ weights - y) ** 2), rtol=1e-12))
    _, (residual,), *_ = np.linalg.lstsq(x, y)
    parallel_assert(comm, np.isclose(seen[-1][0], residual / PROBLEM.rows, rtol=0.1))


def test_more_ranks_than_rows(comm):
    small = Problem(rows=1, features=2, steps=3, rate=0.1, seed=2)
    losses = [loss for loss, _ in descend(small, comm, CPU, "ring")]
    parallel_assert(comm, len(losses) == 4 and losses[-1] < losses[0])


def test_train_prints_and_writes(comm, tmp_path, capfd):
    path = comm.bcast(tmp_path / "train.json", root=0)
    picture = path.with_suffix(".svg")
    options = {"rows": 300, "features": 3, "steps": 7, "rate": 0.1, "seed": 1, **HERE}
    run_train(comm, algorithm="ring", json=path, plot=picture, **options)
    told = capfd.readouterr().out.splitlines()
    if comm.rank:
        assert told == []
        return
    report = json.loads(path.read_text())
    assert len(report["losses"]) == 8
    assert told[0].split() == ["step", "loss"]
    assert told[-2] == f"     7  {report['losses'][-1]:.12e}"
    assert report["distance"] < 1.5
    assert picture.read_bytes().startswith(b"<?xml")
