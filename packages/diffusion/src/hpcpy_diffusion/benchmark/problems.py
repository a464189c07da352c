"""The two problems of the benchmark: a field that stays in a cache, and one that does not."""

from hpcpy_diffusion.parameters import Parameters

__all__ = ["LARGE", "NOTES", "PROBLEMS", "as_options"]

NOTES = Parameters()
"""The course notes' case: 299 x 299 points, 13410 steps; two fields have 1.4 MiB."""

LARGE_POINTS = 4099  # a power of two would divide evenly, and prove less
LARGE_STEPS = 512
_WIDTH = NOTES.x2 - NOTES.x1
LARGE = Parameters(
    dx=_WIDTH / LARGE_POINTS,
    runtime=(LARGE_STEPS + 0.5) * NOTES.fourier * (_WIDTH / LARGE_POINTS) ** 2 / NOTES.D,
)
"""4099 x 4099 points, 512 steps; two fields have 256 MiB."""

PROBLEMS = {"notes": NOTES, "large": LARGE}


def as_options(parameters: Parameters) -> list[str]:
    """Return the command line's options that choose this grid and number of steps. Local."""
    return ["--set", f"dx={parameters.dx!r}", "--set", f"runtime={parameters.runtime!r}"]
