"""cProfile: how often each function was called, and how long it took."""

import cProfile
import io
import pstats

from hpcpy_diffusion.profiling import Profile
from hpcpy_diffusion.profiling.task import Task

__all__ = ["profile"]

MOST_FUNCTIONS = 20


def profile(task: Task) -> Profile:
    """Return the functions, sorted by the time in them and in what they call. Local."""
    profiler = cProfile.Profile()
    profiler.runcall(task.run)
    said = io.StringIO()
    stats = pstats.Stats(profiler, stream=said).strip_dirs().sort_stats("cumulative")
    stats.print_stats(MOST_FUNCTIONS)
    functions = [
        {
            "function": name,
            "file": file,
            "line": line,
            "calls": calls,
            "own_seconds": own,
            "cumulative_seconds": cumulative,
        }
        for (file, line, name), (_, calls, own, cumulative, _) in stats.stats.items()  # type: ignore[attr-defined] # not in the stubs
    ]
    return Profile(text=said.getvalue().strip(), figures={"functions": functions})
