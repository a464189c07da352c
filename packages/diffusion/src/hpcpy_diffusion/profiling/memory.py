"""memory_profiler: the process's memory after each line; and tracemalloc: the peak of a step.

memory_profiler asks the operating system how much memory the process has. It does not see
what is allocated and freed within one line, nor what is taken from memory that the process
has kept from before: all of a NumPy expression may be that. tracemalloc counts what Python
and NumPy ask for, and so knows the peak, but not by lines.
"""

import io
import tracemalloc
from dataclasses import replace

import memory_profiler

from hpcpy_diffusion.profiling import Profile
from hpcpy_diffusion.profiling.task import Task

__all__ = ["profile"]

MIB = 1 << 20


def profile(task: Task) -> Profile:
    """Return the lines of the step, and what a step needs beside its two fields. Local."""
    profiler = memory_profiler.LineProfiler(backend="psutil")
    profiler.add_function(task.step)
    with profiler:
        task.run()
    said = io.StringIO()
    memory_profiler.show_results(profiler, said, precision=2)
    lines = [
        {"line": line, "hits": found[2], "increment": _bytes(found[0]), "memory": _bytes(found[1])}
        for _, table in profiler.code_map.items()
        for line, found in table
        if found
    ]
    peak = _measure_peak(task)
    fields = task.u.nbytes + task.out.nbytes
    text = (
        f"{said.getvalue().strip()}\n\n"
        f"at the peak of a step (tracemalloc)  {peak / MIB:8.2f} MiB\n"
        f"its two fields                       {fields / MIB:8.2f} MiB"
    )
    return Profile(text=text, figures={"lines": lines, "peak": peak, "fields": fields})


def _bytes(mebibytes: float) -> int:
    return round(mebibytes * MIB)


def _measure_peak(task: Task) -> int:
    """Return the most bytes that a step holds beside its fields."""
    tracemalloc.start()
    try:
        replace(task, steps=1).run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
