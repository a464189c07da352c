"""Bad input ends with one message, exit code 2 and no traceback, on 3 ranks, within seconds."""

import sys

import numpy as np
import pytest

from hpcpy_testing.mpiexec import Mpiexec

SECONDS = 120
"""Far above what is seen, on a busy machine too; far below a hang."""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


def refuse(mpiexec, words, *argv, **options):
    """Launch the command on 3 ranks; check that it is refused in these words, once."""
    done = mpiexec.launch(
        3, [sys.executable, "-m", "hpcpy_diffusion", *map(str, argv)], timeout=SECONDS, **options
    )
    assert not done.timed_out
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == 1, done.stderr
    assert words in done.stderr
    assert done.stdout == ""
    assert not done.leftovers


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--set", "nu=1"], "unknown parameter 'nu'"),
        (["--set", "D=one"], "D = 'one' is not a number"),
        (["--set", "D=0"], "D = 0.0: must be above 0"),
        (["--set", "dx=-1"], "dx = -1.0: must be above 0"),
        (["--set", "x2=-10"], "x2 = -10.0: must be above x1 = -10"),
        (["--set", "fourier=0.3"], "unstable: the explicit scheme needs D dt/dx^2 <= 0.25"),
        (["--set", "dx=9"], "too small"),
        (["--kernel", "fortan"], "unknown kernel 'fortan'"),
        (["--kernel", "numpy", "--threads", "2"], "kernel numpy has no threads"),
        (["--halo-depth", "100"], "has 99 layers to send: give --halo-depth 99 at most"),
        (["--dims", "2x2"], "dims 2x2 make 4 ranks, but the job has 3"),
        (["--dims", "three"], "is not two positive numbers like 2x3"),
        (["--device", "cpu", "--kernel", "cupy-raw"], "kernel cupy-raw computes on a GPU"),
        (["--device", "gpu", "--kernel", "numba"], "kernel numba computes on a CPU"),
        (["--transport", "staged"], "--transport staged moves device arrays"),
        (["--plot"], "pictures need a place: give --output DIR"),
        (["--plto"], "No such option"),
        (["missing.toml"], "parameter file missing.toml: No such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_arguments(mpiexec, argv, words):
    refuse(mpiexec, words, "run", *argv)


def test_no_command(mpiexec):
    refuse(mpiexec, "Missing command")


def test_a_kernel_that_is_not_installed(mpiexec, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "real = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'numba' else real(name, *rest)\n"
    )
    refuse(
        mpiexec,
        "kernel numba needs numba, which is not installed: pip install",
        "run",
        "--kernel",
        "numba",
        env={"PYTHONPATH": str(tmp_path)},
    )


def test_output_of_an_earlier_run(mpiexec, tmp_path):
    np.save(tmp_path / "field.npy", np.zeros((2, 2)))
    before = (tmp_path / "field.npy").read_bytes()
    refuse(mpiexec, "holds an earlier run (field.npy)", "run", "--output", tmp_path)
    assert (tmp_path / "field.npy").read_bytes() == before


def test_output_that_cannot_be_written(mpiexec, tmp_path):
    file = tmp_path / "file"
    file.touch()
    refuse(mpiexec, "cannot be written: ", "run", "--output", file / "below")


def test_an_initial_field_of_the_wrong_shape(mpiexec, tmp_path):
    np.save(tmp_path / "start.npy", np.zeros((4, 4)))
    refuse(mpiexec, "start.npy", "run", "--set", f"initial={tmp_path / 'start.npy'}")


def test_ranks_in_directories_of_their_own_are_refused(mpiexec, tmp_path):
    """What is relative would be another file on each; only rank 0's is without this one."""
    script = tmp_path / "each_in_its_own_directory.py"
    script.write_text(
        "import os, sys\n"
        "from pathlib import Path\n"
        "from hpcpy_core.launch import read_announcement\n"
        "from hpcpy_diffusion.__main__ import main\n"
        "rank = read_announcement().rank\n"
        f"home = Path({str(tmp_path)!r}, str(rank))\n"
        "home.mkdir()\n"
        "os.chdir(home)\n"
        "if rank:\n"
        "    Path('case.toml').write_text('dx = 1.0')\n"
        "sys.exit(main(['run', 'case.toml']))\n"
    )
    done = mpiexec.launch(3, [sys.executable, str(script)], timeout=SECONDS)
    assert done.returncode == 2
    assert (
        done.stderr.count(f"error: rank 1 was started in {tmp_path / '1'} where rank 0 is in") == 1
    )
    assert "Traceback" not in done.stderr
