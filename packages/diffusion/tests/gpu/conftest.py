"""A selection for the GPU tests: a real device, or an emulated one where a GPU is rehearsed.

In a rehearsal the kernels are compiled for this CPU, which runs them thread by thread: so grids
are small there, and ``cupy-tiled`` has one depth. It tells nothing about a GPU.
"""

import ctypes
import functools

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.awareness import OPERATIONS
from hpcpy_core.device import Device
from hpcpy_core.selection import Selection, library_name, select
from hpcpy_core.transport import Transport
from hpcpy_diffusion import Parameters, run
from hpcpy_diffusion.kernels.gpu import cupy_tiled
from hpcpy_diffusion.ladder import time_device_copy
from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.emulated_cupy import install_emulated_cupy


@pytest.fixture(scope="session")
def rehearsed():
    """Tell whether the driver of this process is the emulated one."""
    try:
        return hasattr(ctypes.CDLL("libcuda.so.1"), "hpcpyEmulatedPending")
    except OSError:
        pytest.fail(
            "no GPU here: rehearse these tests by `hpcpy-testing --emulated-driver`", pytrace=False
        )


@pytest.fixture(autouse=True)
def _emulated(rehearsed, monkeypatch):
    """Put the emulation in CuPy's place, where a GPU is rehearsed."""
    if rehearsed:
        install_emulated_cupy(monkeypatch)
        monkeypatch.setattr(cupy_tiled, "LEVELS", {"float64": (4,), "float32": (4,)})
        monkeypatch.setattr(time_device_copy, "LEAST", 1 << 16)


@pytest.fixture
def choose(comm, rehearsed):
    """Return a function that selects this rank's GPU; direct is for what was proven here."""

    def choose(transport="staged"):
        if not rehearsed or transport == "staged":
            return select("gpu", transport, comm, gpu=True)
        way = Transport(name="direct", reason="rehearsed", direct_for=frozenset(OPERATIONS))
        device = Device(kind="gpu", reason="rehearsed", transport=way, ordinal=0)
        return Selection(device=device, library=library_name(), ranks=comm.size, nodes=1)

    return choose


@pytest.fixture
def gpu(choose):
    """This rank's GPU, staged, which any MPI can do."""
    return choose()


def make_problem(points, steps, **others):
    """Return parameters for a grid of `points` a side and so many steps."""
    grid = Parameters(dx=20 / points, **others)
    return Parameters(dx=20 / points, runtime=grid.dt * (steps + 0.5), **others)


@pytest.fixture
def sized():
    """Give `make_problem`."""
    return make_problem


@functools.cache
def compute_alone(parameters):
    """Return what one rank computes with NumPy on the CPU."""
    cpu = select("cpu", "auto", MPI.COMM_SELF)
    return run(parameters, comm=MPI.COMM_SELF, kernel="numpy-flat", selection=cpu).gather()


@pytest.fixture
def check(comm):
    """Return a function that compares a result with NumPy's to the last bit."""

    def check(result, words=""):
        field = result.gather()
        same = comm.rank > 0 or np.array_equal(field, compute_alone(result.parameters))
        parallel_assert(comm, same, f"{words} {result.kernel}: {result.plan}")

    return check
