"""Whole runs from the command line, at rank counts beyond those of the MPI tests."""

import json
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

COMMAND = [sys.executable, "-m", "hpcpy_diffusion"]
GRID = ["--set", f"dx={20 / 47}", "--set", "runtime=2"]


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


WAYS = {
    1: ["--kernel", "numba"],
    2: [],
    3: ["--halo-depth", "3", "--threads", "2"],
    4: ["--kernel", "numba", "--exchange", "sendrecv", "--halo-depth", "2"],
    6: ["--kernel", "numba", "--exchange", "shared", "--dims", "3x2"],
    7: ["--kernel", "numpy-flat"],
}
"""By the number of ranks: a kernel, an exchange, a depth of the halos."""


def test_the_file_is_the_same_to_the_last_byte_for_1_to_7_ranks(mpiexec, tmp_path):
    files, plans = {}, {}
    for ranks, way in WAYS.items():
        output = tmp_path / str(ranks)
        argv = [*COMMAND, "run", *GRID, *way, "--output", str(output), "--json"]
        done = mpiexec.launch(ranks, argv, timeout=120)
        assert done.returncode == 0, done.stderr
        assert "OSC" not in done.stderr  # what Open MPI says of windows is no error of ours
        report = json.loads(done.stdout)
        assert report["ranks"] == ranks
        plans[ranks] = report["kernel"], report["exchange"], report["halo_depth"]
        files[ranks] = (output / "field.npy").read_bytes()
    assert all(content == files[1] for content in files.values())
    assert plans == {
        1: ("numba", "none", 0),
        2: ("numba-vector", "shared", 0),
        3: ("numba-vector", "persistent", 3),
        4: ("numba", "sendrecv", 2),
        6: ("numba", "shared", 0),
        7: ("numpy-flat", "persistent", 1),
    }


@pytest.mark.parametrize("ranks", [6, 7])
def test_the_field_is_the_same_to_the_last_bit_for_many_ranks(mpiexec, tmp_path, ranks):
    script = tmp_path / "each_way.py"
    script.write_text(
        "import numpy as np\n"
        "from mpi4py import MPI\n"
        "from hpcpy_diffusion import Parameters, run\n"
        "comm = MPI.COMM_WORLD\n"
        "dt = Parameters(dx=20 / 23).dt\n"
        "parameters = Parameters(dx=20 / 23, runtime=17.5 * dt)\n"
        "alone = run(parameters, comm=MPI.COMM_SELF, kernel='numpy').gather()\n"
        "for kernel in ('numba', 'numba-vector', 'numpy-flat'):\n"
        "    for exchange, depth in (('persistent', 3), ('sendrecv', 2), ('shared', 'auto')):\n"
        "        for rows in {2, comm.size} if comm.size == 6 else {comm.size, 1}:\n"
        "            dims = rows, comm.size // rows\n"
        "            if exchange == 'shared' and dims[1] > 1 and kernel != 'numba':\n"
        "                continue\n"
        "            way = dict(dims=dims, exchange=exchange, halo_depth=depth)\n"
        "            result = run(parameters, comm=comm, kernel=kernel, **way)\n"
        "            field = result.gather()\n"
        "            if comm.rank == 0 and not np.array_equal(field, alone):\n"
        "                print('differs:', kernel, way)\n"
        "if comm.rank == 0:\n"
        "    print('compared')\n"
    )
    done = mpiexec.launch(ranks, [sys.executable, str(script)], timeout=180)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "compared\n"


def test_an_exception_on_one_rank_ends_the_job_with_its_traceback(mpiexec, tmp_path):
    script = tmp_path / "fails.py"
    script.write_text(
        "import sys\n"
        "from hpcpy_core.launch import import_mpi\n"
        "import hpcpy_diffusion.__main__ as program\n"
        "comm = import_mpi().COMM_WORLD\n"
        "from hpcpy_diffusion.kernels import find_kernel\n"
        "real = find_kernel('numba').load()\n"
        "def step(u, out, r):\n"
        "    if comm.rank == 1 and u.shape[0] > 3:\n"
        "        raise ZeroDivisionError('in the middle of a run')\n"
        "    real(u, out, r)\n"
        "find_kernel('numba').__class__.load = lambda self, threads: step\n"
        "sys.exit(program.main(['run', '--kernel', 'numba']))\n"
    )
    done = mpiexec.launch(3, [sys.executable, str(script)], timeout=60)
    assert not done.timed_out
    assert done.returncode != 0
    assert done.stderr.count("ZeroDivisionError: in the middle of a run") == 1
    assert done.stderr.count("Traceback") == 1
    assert not done.leftovers


def test_progress_is_told_in_lines(mpiexec):
    argv = [*COMMAND, "run", "--kernel", "numpy-loops", "--set", "runtime=0.1"]
    done = mpiexec.launch(2, argv, timeout=120)
    assert done.returncode == 0, done.stderr
    first, plan, *lines = done.stderr.splitlines()
    assert first.startswith("device cpu (")
    assert plan == "halo depth 1 · exchange persistent (kernel numpy-loops takes single steps)"
    assert all(line.startswith("step ") for line in lines)
    assert done.stdout.startswith("grid       299 x 299, 89 steps")


def test_the_demo_draws_three_times(mpiexec, tmp_path):
    argv = [*COMMAND, "demo", "--output", str(tmp_path / "demo")]
    done = mpiexec.launch(4, argv, timeout=180)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "density.png").read_bytes().startswith(b"\x89PNG")
    assert "halo share" in done.stdout
    assert f"picture    {tmp_path / 'demo' / 'density.png'}" in done.stdout


def test_a_failed_write_is_said_once_and_keeps_the_old_field(mpiexec, tmp_path):
    """A limit on file sizes stands in for a full disk: every rank's write fails."""
    output = tmp_path / "out"
    first = [*COMMAND, "run", *GRID, "--output", str(output), "--quiet"]
    assert mpiexec.launch(2, first, timeout=60).returncode == 0
    old = (output / "field.npy").read_bytes()
    script = tmp_path / "limited.py"
    script.write_text(
        "import resource, sys\n"
        "from hpcpy_core.launch import import_mpi\n"
        "from hpcpy_diffusion.__main__ import main\n"
        "import_mpi()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "grid = ['--set', 'runtime=0.1', '--output', sys.argv[1], '--overwrite', '--quiet']\n"
        "sys.exit(main(['run', *grid]))\n"
    )
    done = mpiexec.launch(2, [sys.executable, str(script), str(output)], timeout=60)
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("error: cannot write ") == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert (output / "field.npy").read_bytes() == old
    assert sorted(path.name for path in output.iterdir()) == ["field.npy", "report.json"]
