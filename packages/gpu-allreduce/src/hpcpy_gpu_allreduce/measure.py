"""Time algorithms in turn at one size, beside the ceilings of the same run.

The clock is read round blocks of calls, with nothing but the calls inside; on a GPU the stream
is waited for at the end of a block, and its own clock is read as well. Each algorithm has to
give a right answer first.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from mpi4py import MPI

from hpcpy_core.timing import Timing, time_interleaved
from hpcpy_gpu_allreduce.allreducer import Allreducer
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.ceilings import COPY, prepare_ceilings
from hpcpy_gpu_allreduce.device_clock import DeviceClock
from hpcpy_gpu_allreduce.measurement import Measurement
from hpcpy_gpu_allreduce.warm_up import warm_up

__all__ = ["measure"]

LARGE = 1 << 20
"""Bytes from which on a block is one call."""

MOST_CALLS = 50
WARM_UP = 1

Call = Callable[[], object]


def measure(
    comm: MPI.Intracomm, case: Case, algorithms: Sequence[str], *, repeats: int
) -> list[Measurement]:
    """Check, warm up and time. Collective over comm.

    Parameters
    ----------
    comm, case
        Who reduces what.
    algorithms
        Those to compare; each is possible for the case.
    repeats
        Blocks, each of which is timed for all algorithms in turn.

    Returns
    -------
    list of Measurement
        Of each ceiling and each algorithm; the same on all ranks.

    Raises
    ------
    VerificationError
        On every rank, if an algorithm gave a wrong result.
    """
    each = min(MOST_CALLS, max(1, LARGE // case.nbytes))
    with ExitStack() as stack:
        ceilings = prepare_ceilings(case.nbytes, case.device)
        calls = dict(ceilings)
        for name in algorithms:
            reducer = stack.enter_context(
                Allreducer(
                    *(case.shape, case.dtype, comm),
                    op=case.reduction.op,
                    algorithm=name,
                    device=case.device,
                    agreement="once",
                )
            )
            warm_up(reducer, comm, case)
            calls[name] = reducer.reduce
        clocks = {name: DeviceClock(case.device) for name in calls}
        blocks = {name: _repeat(call, each, clocks[name]) for name, call in calls.items()}
        timings = time_interleaved(blocks, comm, repeats=repeats, warmup=WARM_UP)
    figures = {
        name: Timing(seconds=tuple(seconds / each for seconds in timing.seconds))
        for name, timing in timings.items()
    }
    copy = figures[COPY].median
    return [
        Measurement(
            algorithm=name,
            nbytes=case.nbytes,
            ranks=comm.size,
            timing=timing,
            device_timing=clocks[name].timing(comm, each, skip=WARM_UP),
            of_copy=copy / timing.median,
            is_ceiling=name in ceilings,
        )
        for name, timing in figures.items()
    ]


def _repeat(call: Call, times: int, clock: DeviceClock) -> Call:
    """Return a block of calls, at whose end the device is done."""

    def block() -> None:
        with clock.block():
            for _ in range(times):
                call()

    return block
