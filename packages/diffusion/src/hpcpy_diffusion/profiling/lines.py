"""line_profiler: how often each line of the kernel's step ran, and how long it took."""

import io

from line_profiler import LineProfiler

from hpcpy_diffusion.profiling import Profile
from hpcpy_diffusion.profiling.task import Task

__all__ = ["profile"]


def profile(task: Task) -> Profile:
    """Return the lines of the step. Local."""
    profiler = LineProfiler(task.step)
    profiler.runcall(task.run)
    said = io.StringIO()
    profiler.print_stats(said, output_unit=1e-3, stripzeros=True)
    stats = profiler.get_stats()
    lines = [
        {"line": line, "hits": hits, "seconds": ticks * stats.unit}
        for timings in stats.timings.values()
        for line, hits, ticks in timings
    ]
    return Profile(text=said.getvalue().strip(), figures={"lines": lines})
