"""Device arrays of the emulated driver, given to the MPI of this environment.

An MPI that knows nothing of CUDA must fail on them. One that was built with CUDA must move
them. It is told by what it loads: libcuda, with `import MPI`, before the driver is loaded here.
"""

import re
import sys
from pathlib import Path

import pytest

from hpcpy_testing.emulated_driver import driver_environment
from hpcpy_testing.mpiexec import Mpiexec

PROGRAM = """
import re, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import numpy as np
from mpi4py import MPI
maps = Path("/proc/self/maps").read_text()
cuda = "libcuda.so" in maps
from hpcpy_testing.emulated_driver import DeviceArray, Stream, check_synchronised
comm, kind, n = MPI.COMM_WORLD, sys.argv[1], int(sys.argv[2])
before, after = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
sent = np.arange(n) + 10.0 * comm.rank
sendbuf, recvbuf = DeviceArray.from_host(sent), DeviceArray.zeros(n)
print("built with CUDA" if cuda else "built without CUDA", flush=True)
print(*set(re.findall("/dev/shm/mpich_shm_[a-z0-9_]+$", maps, re.MULTILINE)), flush=True)
if kind == "Sendrecv":
    comm.Sendrecv(sendbuf, after, recvbuf=recvbuf, source=before)
    right = np.arange(n) + 10.0 * before
elif kind == "Allreduce":
    comm.Allreduce(sendbuf, recvbuf)
    right = comm.size * np.arange(n) + 10.0 * sum(range(comm.size))
elif kind == "staged":
    message, total = sendbuf.get(), np.empty(n)
    comm.Allreduce(message, total)
    recvbuf.set(total)
    right = comm.size * np.arange(n) + 10.0 * sum(range(comm.size))
elif kind == "synchronisation":
    busy = DeviceArray.zeros(n, stream=Stream(non_blocking=True))
    busy.launch(lambda items: items.fill(1))
    hasattr(busy, "__cuda_array_interface__")
    try:
        with check_synchronised():
            MPI.buffer(sendbuf)
            MPI.buffer(busy)
    except AssertionError as error:
        print(error, flush=True)
    with check_synchronised():
        busy.stream.synchronize()
        MPI.buffer(busy)
    right = np.zeros(n)
assert np.array_equal(recvbuf.get(), right)
print("right", flush=True)
"""


@pytest.fixture
def launch(tmp_path):
    mpiexec, program = Mpiexec.find(), tmp_path / "program.py"
    program.write_text(PROGRAM)

    def run(kind, n, *, ranks=2):
        done = mpiexec.launch(
            ranks, [sys.executable, str(program), kind, str(n)], env=driver_environment()
        )
        assert not done.timed_out
        assert not done.leftovers
        for name in re.findall(r"/dev/shm/mpich_shm_\w+", done.stdout):
            Path(name).unlink(missing_ok=True)  # MPICH leaves it behind when a rank crashes
        return done

    return run


@pytest.mark.parametrize(
    ("kind", "n"), [("Sendrecv", 1), ("Sendrecv", 131072), ("Allreduce", 1), ("Allreduce", 131072)]
)
def test_an_mpi_without_cuda_fails_on_device_memory(launch, kind, n):
    done = launch(kind, n)
    if "built with CUDA" in done.stdout:
        assert (done.returncode, done.stdout.count("right")) == (0, 2), done.stderr
    else:
        assert done.stdout.count("built without CUDA") >= 1, done.stderr
        assert done.returncode != 0
        assert "right" not in done.stdout


def test_staged_messages_need_no_cuda(launch):
    done = launch("staged", 1000)
    assert (done.returncode, done.stdout.count("right")) == (0, 2), done.stderr


def test_mpi4py_is_caught_with_an_array_that_is_not_ready(launch):
    done = launch("synchronisation", 4, ranks=1)
    assert (done.returncode, done.stdout.count("right")) == (0, 1), done.stderr
    assert ".py:34: MPI.buffer(busy): 1 unfinished in a stream" in done.stdout
    assert "MPI.buffer(sendbuf)" not in done.stdout
