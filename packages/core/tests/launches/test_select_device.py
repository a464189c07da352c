"""What a command says of its device and transport, in real processes on the emulated driver.

CuPy is a stand-in of a few lines: there are no kernels. Several commands run in each job.
"""

import os
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

CUPY = """
from types import SimpleNamespace
import numpy
from hpcpy_core.cuda_driver import load_driver
arange = numpy.arange
def empty(nbytes):
    return load_driver().allocate(nbytes)
cuda = SimpleNamespace(
    Device=lambda device: SimpleNamespace(use=lambda: None),
    runtime=SimpleNamespace(runtimeGetVersion=lambda: 13020),
)
"""

PRELUDE = """
import os, sys
from hpcpy_core.__main__ import main
from hpcpy_core.launch import read_announcement
rank = read_announcement().rank
def run(*argv):
    code = main(argv)
    if rank == 0:
        print("exit", code, flush=True)
"""

ALLOCATION = """
import click
from hpcpy_core.cli import device_options, run_command
from hpcpy_core.launch import import_mpi
@click.command()
@device_options
def allocate(device, transport):
    def work(comm):
        from hpcpy_core.allocating import allocating
        from hpcpy_core.selection import select
        device_ = select(device, transport, comm, gpu=True).device
        with allocating(comm, device_, "the field", "start fewer ranks"):
            device_.xp.empty(2 << 20 if comm.rank == 1 else 1 << 10)
        comm.Barrier()
    return work
code = run_command(allocate, ["--device", "gpu", "--transport", "staged"],
                   lambda: import_mpi().COMM_WORLD)
if rank == 0:
    print("exit", code, flush=True)
"""


@pytest.fixture
def launch(tmp_path, emulated_driver):
    mpiexec = Mpiexec.find()

    def run(body, ranks=3, **environment):
        (tmp_path / "cupy.py").write_text(CUPY)
        program = tmp_path / "program.py"
        program.write_text(PRELUDE + body)
        done = mpiexec.launch(
            ranks,
            [sys.executable, str(program)],
            timeout=120,
            env={
                "LD_LIBRARY_PATH": emulated_driver["LD_LIBRARY_PATH"],
                "PYTHONPATH": str(tmp_path),
                **environment,
            },
        )
        assert not done.timed_out
        assert not done.leftovers
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


def test_the_gpus_of_a_node(launch):
    done = launch(
        "run('--device', 'gpu', '--transport', 'staged')\n"
        "run('--device', 'gpu:5')\n"
        "run('--device', 'gpu:1', '--force-direct')\n"
        "run('--device', 'gpu', '--transport', 'host')\n" + ALLOCATION,
        HPCPY_EMULATED_GPUS="2",
        HPCPY_EMULATED_GPU_MEMORY=str(1 << 20),
    )
    codes = [line for line in done.stdout.splitlines() if line.startswith("exit")]
    assert codes == ["exit 0", "exit 2", "exit 0", "exit 2", "exit 1"], done.stderr
    device = "device gpu (Emulated GPU 0 and Emulated GPU 1, shared by 3 ranks)"
    assert f"{device} · transport staged (asked for) · " in done.stdout
    forced = "device gpu (Emulated GPU 1, shared by 3 ranks) · transport direct (forced, no proof)"
    assert forced in done.stdout
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert [error.partition(" on ")[0] for error in errors] == [
        "error: --device gpu:5: rank 0",
        "error: --transport host moves arrays in host memory, but the device is gpu "
        "(Emulated GPU 0 and Emulated GPU 1, shared by 3 ranks). Use --transport staged",
        "error: rank 1",
    ]
    assert "sees 2 GPUs, 0 to 1" in errors[0]
    assert "has no memory for the field: GPU 1 (Emulated GPU 1) has 0.000977 of" in errors[2]
    warnings = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert sum("share GPU 0 (Emulated GPU 0)" in warning for warning in warnings) == 2
    assert sum("segmentation fault" in warning for warning in warnings) == 1


def test_ranks_that_have_no_gpu_or_the_wrong_cupy(launch):
    done = launch(
        "if rank == 2:\n"
        "    os.environ['CUDA_VISIBLE_DEVICES'] = ''\n"
        "run()\n"
        "run('--device', 'gpu')\n"
        "import cupy\n"
        "def use():\n"
        "    raise RuntimeError('cudaErrorInsufficientDriver: CUDA driver version')\n"
        "cupy.cuda.Device = lambda device: use()\n"
        "run('--device', 'gpu')\n",
        HPCPY_EMULATED_CUDA="12040",
    )
    hidden = "CUDA_VISIBLE_DEVICES='' hides every GPU"
    line, *codes = done.stdout.splitlines()
    assert line.startswith(f"device cpu (no GPU for rank 2: {hidden}) · transport host · ")
    assert codes == ["exit 0", "exit 2", "exit 2"]
    blind, wrong = done.stderr.splitlines()
    assert blind.startswith("error: --device gpu: rank 2 on ")
    assert f"cannot compute on a GPU: {hidden}: unset it, or " in blind
    assert wrong.startswith("error: --device gpu: rank 0 on ")
    assert "cupy is made for CUDA 13.2, but the driver runs only 12.4" in wrong
    assert 'pip install "cupy-cuda12x[ctk]"' in wrong


def test_the_proof_decides_on_direct(launch, tmp_path):
    """Its verdict depends on the MPI of this environment, and has tests of its own."""
    done = launch(
        "run()\n"
        "os.environ['HPCPY_TRANSPORT'] = 'direct'\n"
        "run()\n"
        "from mpi4py import MPI\n"
        "from hpcpy_core.awareness.decide import decide\n"
        "verdict = decide(MPI.COMM_WORLD)\n"
        "if rank == 0:\n"
        "    print(bool(verdict.proven), verdict.reason)\n",
        ranks=2,
        XDG_CACHE_HOME=str(tmp_path),
        PATH=os.environ["PATH"],
    )
    lines = done.stdout.splitlines()
    proven, reason = lines[-1].split(" ", 1)
    first = reason.split()[0]
    if proven == "True":
        assert [line.split()[0] for line in lines[:-1]] == ["device", "exit", "device", "exit"]
        assert all(f"transport direct ({first}" in lines[i] for i in (0, 2))
        assert [lines[1], lines[3]] == ["exit 0", "exit 0"]
    else:
        assert f"transport staged (MPI takes no device memory: {first}" in lines[0]
        assert lines[1:-1] == ["exit 0", "exit 2"]
        assert f" was not proven to take it here: {reason}. Use --transport st" in done.stderr
