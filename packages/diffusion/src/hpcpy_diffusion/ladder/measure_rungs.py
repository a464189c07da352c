"""Check every rung of a ladder, time those that passed in turn, and return the figures."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.errors import InputError
from hpcpy_core.selection import Selection, select
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_diffusion.kernels.gpu.compile_source import CompilationError
from hpcpy_diffusion.ladder.check import check, small_problem, solve_reference
from hpcpy_diffusion.ladder.describe import Sizes, describe_copy, describe_rung
from hpcpy_diffusion.ladder.measure import Case, excess_of_first_call, measure_ladder
from hpcpy_diffusion.ladder.open_run import open_run
from hpcpy_diffusion.ladder.rung import Rung
from hpcpy_diffusion.ladder.time_copy import TimedCopy
from hpcpy_diffusion.ladder.time_device_copy import TimedDeviceCopy
from hpcpy_diffusion.ladder.time_run import TimedRun
from hpcpy_diffusion.ladder.time_yardstick import TimedYardstick
from hpcpy_diffusion.ladder.timed import Timed
from hpcpy_diffusion.parameters import Parameters

__all__ = ["measure_rungs"]

REFERENCE = Rung(kernel=KERNELS["python"])

PARTS = 4
"""In which a GPU's march is checked: from the third of a length on, it replays what it recorded."""


def measure_rungs(
    rungs: Sequence[Rung],
    parameters: Parameters,
    comm: MPI.Intracomm,
    selection: Selection,
    *,
    seconds: float,
    repeats: int,
) -> dict[str, Any]:
    """Return the figures of the rungs and of the copy, for a report. Collective over comm.

    Parameters
    ----------
    selection
        Whose device the ladder is for. On a GPU a rung that refuses the problem, such as for
        its size, is left out, and the others go on.
    seconds, repeats
        As for `hpcpy_diffusion.ladder.measure.measure_ladder`.

    Raises
    ------
    HpcpyError
        On every rank, if a kernel gives a wrong field, or no rung can do this problem.
    """
    on_gpu = selection.device.kind == "gpu"
    selections = {"cpu": select("cpu", "auto", comm) if on_gpu else selection, "gpu": selection}

    def timed(rung: Rung, problem: Parameters) -> Timed:
        if rung.kernel.yardstick and comm.size == 1:  # the notes' programs have one process
            return TimedYardstick(kernel=rung.kernel, parameters=problem)
        return TimedRun(
            parameters=problem,
            comm=comm,
            selection=selections[rung.kernel.device],
            kernel=rung.kernel.name,
            threads=rung.threads,
            parts=PARTS if rung.kernel.device == "gpu" else 1,
        )

    small = small_problem(parameters)
    fields = solve_reference(timed(REFERENCE, small))
    warm_up, differences, left_out = {}, {}, {}
    copy: TimedCopy | TimedDeviceCopy = TimedCopy(parameters=parameters, comm=comm)
    if on_gpu:
        copy = TimedDeviceCopy(parameters=parameters, comm=comm, device=selection.device)
    with ExitStack() as runs:
        cases: dict[str, Case] = {}
        for rung in rungs:
            case = timed(rung, small)
            try:
                warm_up[rung.name] = excess_of_first_call(case)
                differences[rung.name] = check(f"kernel {rung.name}", case, fields, comm)
                cases[rung.name] = (
                    runs.enter_context(
                        open_run(
                            parameters,
                            comm,
                            selections[rung.kernel.device],
                            kernel=rung.kernel.name,
                            threads=rung.threads,
                        )
                    )
                    if on_gpu
                    else timed(rung, parameters)
                )
            except (InputError, CompilationError) as error:
                if not on_gpu:
                    raise
                left_out[rung.name] = str(error)
        measured = measure_ladder(
            {**cases, "copy": copy},
            most=parameters.steps,
            seconds=seconds,
            repeats=repeats,
            patient=[] if on_gpu else [rung.name for rung in rungs if rung.kernel.tiles],
            warm_up=warm_up,
        )
    done = [rung for rung in rungs if rung.name in measured]
    with agreed(comm):
        if left_out and not done:
            raise InputError(next(iter(left_out.values())))
    sizes = Sizes(
        cells=parameters.points**2, copied=copy.items, dtype=parameters.dtype, most=parameters.steps
    )
    against = _find_yardstick(done, on_gpu=on_gpu)
    return {
        "rungs": {
            rung.name: describe_rung(
                rung, measured, sizes, difference=differences[rung.name], against=against
            )
            for rung in done
        },
        "copy": describe_copy(measured, sizes),
        "left_out": left_out,
    }


def _find_yardstick(rungs: Sequence[Rung], *, on_gpu: bool) -> Mapping[str, str]:
    """Return the name of the ratio that is told, and whose speed is in its denominator."""
    if on_gpu:
        names = [rung.name for rung in rungs if rung.kernel.device == "cpu"]
        return {"times_cpu": names[-1]} if names else {}
    return {"times_cpp": "cpp"} if any(rung.name == "cpp" for rung in rungs) else {}
