"""The benchmark, compare and model from the command line, as a user starts them."""

import json
import subprocess
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

SECONDS = 60
"""Far above what is seen, on a busy machine too; far below a hang."""

DRIVER = """
import sys
from hpcpy_collectives.command import collectives
from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi

{patch}
sys.exit(run_command(collectives, None, lambda: import_mpi().COMM_WORLD))
"""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture
def launch(mpiexec, tmp_path):
    """Return a function that starts the commands on some ranks."""

    def start(ranks, *argv, patch=""):
        driver = tmp_path / "driver.py"
        driver.write_text(DRIVER.format(patch=patch))
        command = [sys.executable, str(driver), *map(str, argv)]
        done = mpiexec.launch(ranks, command, timeout=SECONDS)
        assert not done.timed_out
        assert not done.leftovers
        return done

    return start


def test_bench_then_compare_then_model(launch, tmp_path):
    report, picture = tmp_path / "bench.json", tmp_path / "bench.svg"
    few = ["--sizes", "8:64K", "--iterations", "50", "--output", report, "--plot", picture]
    done = launch(2, "bench", *few)
    assert done.returncode == 0, done.stderr
    assert "transport host" in done.stderr
    lines = done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert len(lines) == 1 + 3 * 14
    assert json.loads(report.read_text(encoding="utf-8"))["schema"] == 1
    assert picture.read_bytes().startswith(b"<?xml")
    driver = [sys.executable, str(tmp_path / "driver.py")]
    compared = subprocess.run(
        [*driver, "compare", report, report], capture_output=True, text=True, timeout=SECONDS
    )
    assert compared.returncode == 0, compared.stderr
    assert compared.stdout.endswith("0 of 42 worse by more than 10%\n")


def test_json_is_all_that_is_printed(launch):
    done = launch(
        3, "bench", "--ops", "all", "--sizes", "8", "--iterations", "2", "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert len(report["measurements"]) == 30
    assert report["ranks"] == 3


@pytest.mark.parametrize(
    ("ranks", "argv", "words"),
    [
        (3, ["--ops", "latency,foo"], "unknown operation 'foo': choose from latency, bw"),
        (3, ["--sizes", "4M:1"], "write the smaller size first"),
        (3, ["--sizes", "1:many"], "'many' is not a positive number like 8, 1K or 4M"),
        (3, ["--sizes", "1:4G"], "one MPI message has at most 2147483647 B"),
        (1, ["--ops", "bw"], "bw needs 2 ranks, but the job has 1: start it with mpiexec -n 2"),
        (2, ["--api", "pickle", "--device", "gpu"], "cannot be used with --device gpu"),
        (2, ["--device", "gpu"], "--device gpu: "),
        (2, ["--iterations", "0"], "0 is not in the range 1<=x<=1000000"),
        (2, ["--output", "missing/a.json"], "--output missing/a.json cannot be written"),
        (2, ["--plot", "a.gif"], "a picture's name ends in .pdf, .png, .svg"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_refused_once(launch, ranks, argv, words):
    done = launch(ranks, "bench", *argv)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("error: ") == 1, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_sizes_beyond_memory(launch):
    patch = (  # 256 MiB of memory
        "from pathlib import Path\n"
        "real = Path.read_text\n"
        "def read_text(path, **options):\n"
        "    told = path.name == 'meminfo'\n"
        "    return 'MemAvailable: 262144 kB' if told else real(path, **options)\n"
        "Path.read_text = read_text\n"
    )
    done = launch(2, "bench", "--ops", "alltoall", "--sizes", "64M", patch=patch)
    assert done.returncode == 2, done.stderr
    assert (
        "alltoall of 64M B needs 1 GiB for the 2 ranks of a node that has 0.25 GiB left"
        in done.stderr
    )
    assert done.stderr.count("error: ") == 1


def test_wrong_data_is_named_once_with_exit_code_1(launch):
    """Rank 1 sends other bytes than it should."""
    patch = (
        "from hpcpy_core.launch import read_announcement\n"
        "if read_announcement().rank == 1:\n"
        "    import hpcpy_collectives.collective_data as data\n"
        "    right = data.bytes_of\n"
        "    data.bytes_of = lambda rank, first, count: right(rank, first + 1, count)\n"
    )
    done = launch(2, "bench", "--ops", "allgather", "--sizes", "8", patch=patch)
    assert done.returncode == 1, done.stderr
    words = "allgather of 8 B with --api buffer: rank 0 of 2 received wrong data, first at index 8"
    assert done.stderr.count(f"error: {words}: 32, not 31") == 1, done.stderr
    assert "Traceback" not in done.stderr
