"""Choose the kernel on a GPU: several are tried on the spot, on blocks of this run's size."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.allocating import allocating
from hpcpy_core.device import Device
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.timing import max_over_ranks
from hpcpy_diffusion.device_pair import DevicePair
from hpcpy_diffusion.field_pair import Extent
from hpcpy_diffusion.kernels import GPU_KERNELS, Kernel, find_kernel
from hpcpy_diffusion.kernels.gpu.compile_source import CompilationError
from hpcpy_diffusion.kernels.gpu.sweep import MakeSweep, Sweep

__all__ = ["Candidate", "choose_sweep", "list_candidates", "make_sweep"]

WARM_UP, TIMED = 2, 3
"""Calls of so many steps, on each candidate."""
STEPS = 64


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A way to compute on the GPU: a kernel, set up in one of the ways that it offers."""

    kernel: Kernel
    make: MakeSweep


def list_candidates(name: str, dtype: str) -> list[Candidate]:
    """Return what there is to choose from for a kernel's name and a field's dtype. Local.

    ``auto`` is all but the teaching version, in all of their ways.

    Raises
    ------
    InputError
        If there is no such kernel.
    """
    if name == "auto":
        kernels = [kernel for kernel in GPU_KERNELS.values() if kernel.name != "cupy"]
    else:
        kernels = [find_kernel(name, "gpu")]
    return [
        Candidate(kernel=each, make=make) for each in kernels for make in _list_ways(each, dtype)
    ]


def _list_ways(kernel: Kernel, dtype: str) -> Iterator[MakeSweep]:
    make = kernel.load_sweep()
    if kernel.name != "cupy-tiled":
        yield make
        return
    from hpcpy_diffusion.kernels.gpu import cupy_tiled

    for levels in cupy_tiled.list_levels(np.dtype(dtype)):
        yield partial(cupy_tiled.make_sweep, levels=levels)


def choose_sweep(
    comm: MPI.Intracomm,
    candidates: list[Candidate],
    shape: tuple[int, int],
    dtype: str,
    device: Device,
) -> tuple[Candidate, Sweep, str]:
    """Return the fastest candidate, its sweep for that shape, and why. Collective over comm.

    All give the same bits, so that the choice shows in nothing but the speed. A single
    candidate is taken without a trial.

    Parameters
    ----------
    comm
        The ranks of the run.
    candidates
        The same on every rank.
    shape
        Of this rank's padded block, or more.
    dtype, device
        Of the field; where it is computed.

    Raises
    ------
    InputError, HpcpyError
        On every rank, if none of the candidates can compute this on any rank.
    """
    if len(candidates) == 1:
        sweep = make_sweep(comm, candidates[0], shape, dtype)
        return candidates[0], sweep, sweep.name
    timed: list[tuple[float, Candidate, Sweep]] = []
    refused: list[HpcpyError] = []
    for candidate in candidates:
        try:
            sweep = make_sweep(comm, candidate, shape, dtype)
        except (InputError, CompilationError) as error:  # agreed: it is the same on all ranks
            refused.append(error)
        else:
            timed.append((_time(comm, sweep, shape, dtype, device), candidate, sweep))
    if not timed:
        raise refused[-1]
    _, chosen, sweep = min(timed, key=lambda each: each[0])
    return chosen, sweep, f"{sweep.name} was the fastest of {len(timed)} here"


def make_sweep(
    comm: MPI.Intracomm, candidate: Candidate, shape: tuple[int, int], dtype: str
) -> Sweep:
    """Compile a candidate for blocks of a shape, on one rank of each node first. Collective.

    The others find in CuPy's cache what that one has compiled.

    Raises
    ------
    InputError, HpcpyError
        On every rank, what was raised on any.
    """
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    is_first = node.rank == 0
    node.Free()
    for turn in (True, False):
        with agreed(comm, patient=True):
            if is_first == turn:
                sweep = candidate.make(shape, np.dtype(dtype))
    return sweep


def _time(
    comm: MPI.Intracomm, sweep: Sweep, shape: tuple[int, int], dtype: str, device: Device
) -> float:
    """Return the slowest rank's seconds for so many steps. Collective over comm."""
    rows, columns = shape
    alone = Extent(inner=(rows - 2, columns - 2), halo=((0, 0), (0, 0)))
    what = f"two fields of {rows} x {columns} points"
    with allocating(comm, device, what, "use more GPUs, a larger dx, or float32"):
        pair = DevicePair(alone, dtype, 0.25, sweep, device, "persistent")
        pair.begin()
        for _ in range(WARM_UP):
            pair.advance(STEPS)
    seconds = []
    for _ in range(TIMED):
        comm.Barrier()
        begin = perf_counter()
        pair.advance(STEPS)
        seconds.append(max_over_ranks(comm, perf_counter() - begin))
    pair.close()
    return min(seconds)
