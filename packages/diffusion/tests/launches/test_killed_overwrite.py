"""A run that replaces another one is killed: never a mixture, and --resume gives the same bits."""

import sys
from shutil import copytree

import pytest

from hpcpy_testing.mpiexec import Mpiexec

COMMAND = [sys.executable, "-m", "hpcpy_diffusion", "run", "--quiet", "--kernel", "numpy"]
OLD = ["--set", "dx=0.5", "--set", "runtime=6", "--set", "outtime=1", "--checkpoint-every", "20"]
NEW = [*OLD, "--set", "D=2"]

KILLED = """
import os, signal, sys
from hpcpy_core.launch import import_mpi
from hpcpy_diffusion.__main__ import main

import_mpi()
from mpi4py import MPI
from hpcpy_diffusion.checkpointing import Checkpointing
from hpcpy_diffusion.output import OutputDirectory

at, number = int(sys.argv[1]), getattr(signal, sys.argv[2])
comm, calls = MPI.COMM_WORLD, 0

def die():
    global calls
    calls += 1
    if calls == at and comm.rank == comm.size - 1:
        os.kill(os.getpid(), number)

def dying(owner, name):
    real = getattr(owner, name)
    def call(*args, **options):
        die()
        return real(*args, **options)
    setattr(owner, name, call)

dying(OutputDirectory, "write_frame")
dying(OutputDirectory, "write_result")
dying(Checkpointing, "_write")
sys.exit(main(sys.argv[3:]))
"""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture(scope="module")
def runs(mpiexec, tmp_path_factory):
    """The folder of the first run, and the files of both, which nothing has disturbed."""
    place = tmp_path_factory.mktemp("runs")
    found = [place / "old"]
    for name, options in (("old", OLD), ("new", NEW)):
        argv = [*COMMAND, *options, "--output", str(place / name)]
        done = mpiexec.launch(2, argv, timeout=60)
        assert done.returncode == 0, done.stderr
        found.append(read(place / name))
    return found


def read(folder):
    """Return the bytes of frames, field and checkpoints that are seen."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.npy"))
        if ".hpcpy-new" not in path.parts
    }


@pytest.mark.parametrize(("at", "number"), [(1, "SIGKILL"), (6, "SIGTERM"), (12, "SIGINT")])
def test_killed_and_resumed(mpiexec, tmp_path, runs, at, number):
    place, old, new = runs
    output = tmp_path / "o"
    argv = ["--output", str(output)]
    copytree(place, output)
    report = (output / "report.json").read_bytes()
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    words = [*COMMAND[3:], *NEW, *argv, "--overwrite"]
    done = mpiexec.launch(2, [sys.executable, str(script), str(at), number, *words], timeout=60)
    assert done.returncode, "it was not killed"
    assert not done.timed_out
    assert read(output) == old
    assert (output / "report.json").read_bytes() == report
    done = mpiexec.launch(3, [*COMMAND, *NEW, *argv, "--resume"], timeout=60)
    assert done.returncode == 0, done.stderr
    assert {name: data for name, data in read(output).items() if "ckpt" not in name} == {
        name: data for name, data in new.items() if "ckpt" not in name
    }
    assert [path.name for path in output.iterdir() if path.name.startswith(".hpcpy")] == []
