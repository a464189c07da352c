"""Progress of a run on rank 0: a bar on a terminal, timed lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from hpcpy_diffusion.parameters import Parameters

__all__ = ["show_progress"]

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_REDRAWS = 0.2


@contextmanager
def show_progress(parameters: Parameters) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of steps done. Local.

    Under most launchers standard error is a pipe even where mpiexec has a
    terminal; only a rank that sees the terminal itself draws the bar.
    """
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("time steps", total=parameters.steps)
            yield _every(
                SECONDS_BETWEEN_REDRAWS, lambda done, *_: progress.update(task, completed=done)
            )
    else:
        yield _every(
            SECONDS_BETWEEN_LINES,
            lambda done, here, seconds: print(  # noqa: T201 - progress is this function's purpose
                _line(parameters, done, here, seconds), file=sys.stderr, flush=True
            ),
        )


def _every(interval: float, act: Callable[[int, int, float], None]) -> Callable[[int], None]:
    """Return a function of the steps done that acts when `interval` seconds have passed.

    It tells the steps done in all, and the steps and seconds since the first call: before
    it, the kernel may have been compiled, and the run may continue another one.
    """
    first: tuple[int, float] | None = None
    due = 0.0

    def on_step(done: int) -> None:
        nonlocal first, due
        now = perf_counter()
        if first is None:
            first, due = (done, now), now + interval
        elif now >= due:
            due = now + interval
            act(done, done - first[0], now - first[1])

    return on_step


def _line(parameters: Parameters, done: int, here: int, seconds: float) -> str:
    left = seconds / here * (parameters.steps - done)
    speed = parameters.points**2 * here / seconds * 1e-9
    return (
        f"step {done} of {parameters.steps}, t = {done * parameters.dt:.4g}, "
        f"{seconds:.0f} s, {speed:.3g} Gcell/s, about {left:.0f} s left"
    )
