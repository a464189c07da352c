"""Time steps in a process without MPI: it prints their seconds.

``python -m hpcpy_diffusion.benchmark.bare_loop --kernel numba --points 4099 --steps 100``
"""

import sys
from collections.abc import Sequence
from time import perf_counter

import click
import numpy as np

from hpcpy_core.run_alone import run_alone
from hpcpy_diffusion.field_pair import Extent
from hpcpy_diffusion.kernels import Field, Kernel, find_kernel

__all__ = ["main", "time_steps"]

R = 0.25


def time_steps(kernel: Kernel, points: int, steps: int) -> float:
    """Return the seconds of so many steps on a grid of points^2, in float64. Local.

    As in the solver, they have changes of layout in them, and no compilation.
    """
    take_steps = _take_many if kernel.tiles else _take_single
    take_steps(kernel, np.zeros((5, 5)), 1)  # compiles
    u = np.zeros((points + 2, points + 2))
    u[1:-1, 1:-1] = np.random.default_rng(0).random((points, points))
    return take_steps(kernel, u, steps)


def _take_single(kernel: Kernel, u: Field, steps: int) -> float:
    step, out = kernel.load(), u.copy()
    begin = perf_counter()
    for _ in range(steps):
        step(u, out, R)
        u, out = out, u
    return perf_counter() - begin


def _take_many(kernel: Kernel, u: Field, steps: int) -> float:
    from hpcpy_diffusion.lane_pair import LanePair  # needs what the kernel needs

    inner = u.shape[0] - 2, u.shape[1] - 2
    pair = LanePair(Extent(inner=inner, halo=((0, 0), (0, 0))), u.dtype.name, R)
    pair.start()[...] = u
    begin = perf_counter()
    pair.begin()
    pair.advance(steps)
    pair.show()
    seconds = perf_counter() - begin
    pair.close()
    return seconds


@click.command("hpcpy_diffusion.benchmark.bare_loop")
@click.option("--kernel", required=True)
@click.option("--points", type=click.IntRange(min=3), required=True)
@click.option("--steps", type=click.IntRange(min=1), required=True)
def command(kernel: str, points: int, steps: int) -> None:
    """Print the seconds of so many steps on a grid of so many points a side."""
    seconds = time_steps(find_kernel(kernel), points, steps)
    if "mpi4py" in sys.modules:
        raise AssertionError("this is to be measured without MPI")
    click.echo(f"{seconds:.9f}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_alone(command, argv)


if __name__ == "__main__":
    sys.exit(main())
