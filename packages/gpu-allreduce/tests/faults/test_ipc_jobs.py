"""Whole jobs whose ranks share device memory: on two GPUs, and with a rank that dies."""

import re
import sys
from pathlib import Path

import pytest

from hpcpy_testing.emulated_driver import driver_environment
from hpcpy_testing.mpiexec import Mpiexec

STAND_INS = Path(__file__).parents[1] / "stand_ins.py"

PROGRAM = """
import os, runpy, signal, sys
import numpy as np
from mpi4py import MPI
from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.device import Device
from hpcpy_core.transport import Transport
from hpcpy_gpu_allreduce import ipc
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_testing.emulated_driver import DeviceArray, Stream

comm, count = MPI.COMM_WORLD, 100_001
device = Device(
    kind="gpu",
    reason="emulated",
    transport=Transport(name="staged", reason="tested"),
    ordinal=comm.rank % 2,
)
load_driver().use(device.ordinal)
gpu = runpy.run_path(sys.argv[1])["Gpu"](device.ordinal)
ipc.launch_reduce = gpu.launch_reduce
case = Case(
    comm=comm,
    nodes=1,
    shape=(count,),
    dtype=np.dtype("f8"),
    reduction=REDUCTIONS["sum"],
    device=device,
)
algorithm = ipc.Ipc(case)
algorithm.connect()
array = gpu.array(np.arange(count) + float(comm.rank))
algorithm.run(array, array)
right = comm.size * np.arange(count) + sum(range(comm.size))
if np.array_equal(array.get(), right):
    print(f"rank {comm.rank} is right and reduced {sum(l.count for l in gpu.launches)}", flush=True)
comm.Barrier()
print(*{m.split()[-1] for m in open("/proc/self/maps") if "/dev/shm/mpich_shm_" in m}, flush=True)


def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)


ipc.launch_reduce = die
algorithm.run(array, array)
print("went on without the others", flush=True)
"""


@pytest.fixture
def job(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = Mpiexec.find().launch(
        4,
        [sys.executable, str(program), str(STAND_INS)],
        env={**driver_environment(), "HPCPY_EMULATED_GPUS": "2"},
    )
    for name in re.findall(r"/dev/shm/mpich_shm_\w+", done.stdout):
        Path(name).unlink(missing_ok=True)  # MPICH leaves it behind when a rank is killed
    return done


def test_two_gpus_reduce_a_half_each_and_the_leaders_death_ends_the_job(job):
    told = dict(re.findall(r"rank (\d) is right and reduced (\d+)", job.stdout))
    assert told == {"0": "50002", "1": "49999", "2": "0", "3": "0"}, job.stderr
    assert "went on" not in job.stdout
    assert (job.timed_out, job.returncode != 0, job.leftovers) == (False, True, ())
