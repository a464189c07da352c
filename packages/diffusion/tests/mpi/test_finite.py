"""A field that is not finite is not written, and no checkpoint of it replaces a good one."""

from dataclasses import replace

import numpy as np
import pytest

from hpcpy_diffusion import Parameters, run
from hpcpy_diffusion.checkpointing import Checkpointing
from hpcpy_diffusion.every import Every
from hpcpy_diffusion.finite import NotFiniteError, is_finite, require_finite
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_mpiio import Checkpoint
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

DT = Parameters(dx=1.0).dt


@pytest.mark.parametrize(
    ("items", "finite"),
    [
        ([1.0, 2.0], True),
        ([], True),
        ([1e308, 1e308, 1e308], True),
        ([1e308, np.nan], False),
        ([np.inf, -np.inf], False),
        ([-np.inf], False),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_finite_items_may_have_a_sum_that_is_not(items, finite, dtype):
    with np.errstate(over="ignore"):
        block = np.array(items).astype(dtype)
    if dtype == "float32" and 1e308 in items:
        finite = False
    assert is_finite(block) == finite


def test_all_ranks_hear_of_one_ranks_block(comm):
    block = np.full(3, np.nan if comm.rank == comm.size - 1 else 1.0)
    with parallel_raises(comm, NotFiniteError, match="the field at step 7 is not finite"):
        require_finite(block, 7, comm)


@pytest.mark.parametrize("bad", [25, 50])
def test_a_checkpoint_that_is_not_finite_is_never_written(comm, tmp_path, monkeypatch, bad):
    """A kernel at fault, after so many steps on one rank."""
    place = comm.bcast(tmp_path / "c", root=0)
    parameters = Parameters(dx=1.0, runtime=50.5 * DT)
    kernel = KERNELS["numpy"]
    real, calls = kernel.load(1), []

    def step(u, out, r):
        real(u, out, r)
        calls.append(1)
        if len(calls) == bad and comm.rank == comm.size - 1:
            out[out.shape[0] // 2, 3] = np.nan

    monkeypatch.setattr(type(kernel), "load", lambda self, threads=1: step)
    monkeypatch.setattr("hpcpy_diffusion.prepare_on_cpu.compile_kernel", lambda *a, **o: None)
    checkpoints = Checkpoint(place, comm)
    checkpointing = Checkpointing(parameters, comm, target=checkpoints, every=Every(steps=20))
    with parallel_raises(comm, NotFiniteError, match=f"step {40 if bad == 25 else 50} is not"):
        run(parameters, comm=comm, kernel="numpy", checkpointing=checkpointing)
    names = [path.name for path in checkpoints.generations()]
    expected = ["ckpt-000000020"] if bad == 25 else ["ckpt-000000040", "ckpt-000000020"]
    parallel_assert(comm, names == expected, f"{names}")


def test_a_field_that_is_not_finite_at_the_end_is_no_result(comm, monkeypatch):
    def fill(u, *args):
        real(u, *args)
        u[1:-1, 1:-1] = value

    from hpcpy_diffusion import solver

    real = solver.fill_initial
    monkeypatch.setattr(solver, "fill_initial", fill)
    for value, steps in ((np.inf, 0), (np.nan, 5)):  # noqa: B007 - `fill` has it
        parameters = Parameters(dx=1.0, runtime=(steps + 0.5) * DT)
        for dtype in ("float64", "float32"):
            with parallel_raises(comm, NotFiniteError, match="is not written: scale"):
                run(replace(parameters, dtype=dtype), comm=comm, kernel="numpy")
