"""``hpcpy-diffusion scaling``: strong and weak scaling over numbers of ranks.

A serial command that launches jobs. It starts no MPI in its own process, where a
nested launch could then fail.
"""

import os
from pathlib import Path
from typing import Any

import click

from hpcpy_core.errors import InputError
from hpcpy_core.options import Picture
from hpcpy_core.output_files import check_plot, check_writable
from hpcpy_core.report import describe_run, write_report
from hpcpy_diffusion.check_threads import count_usable_cores
from hpcpy_diffusion.kernels import GPU_KERNELS, KERNELS, find_kernel
from hpcpy_diffusion.load_parameters import load_parameters
from hpcpy_diffusion.options import DepthType, Numbers
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import EXCHANGES, Depth
from hpcpy_diffusion.refuse_ranks import refuse_ranks
from hpcpy_diffusion.scaling.launcher import Launcher, find_launcher, launch_environment
from hpcpy_diffusion.scaling.options import Modes, powers_of_two
from hpcpy_diffusion.scaling.plan import MODES, Mode, plan_cases
from hpcpy_diffusion.scaling.run_cases import Outcome, run_cases
from hpcpy_diffusion.scaling.summarise import list_warnings, summarise_scaling
from hpcpy_diffusion.scaling.tabulate import format_scaling

__all__ = ["scaling"]

RANKS_PER_CORE = 16
"""At most: more of them than cores measure nothing, but may be wanted for a look."""


@click.command("scaling", short_help="Measure strong and weak scaling.")
@click.argument("params", required=False, type=click.Path(path_type=Path))
@click.option(
    "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override a parameter."
)
@click.option(
    "--ranks",
    type=Numbers(),
    default=lambda: powers_of_two(len(os.sched_getaffinity(0))),
    show_default="powers of two up to the cores here",
    help="Numbers of ranks, each a job of its own.",
)
@click.option(
    "--mode", "modes", type=Modes(), default=",".join(MODES), show_default=True, help="What grows."
)
@click.option("--kernel", default="auto", show_default=True, metavar="NAME", help="As for run.")
@click.option(
    "--exchange", type=click.Choice(EXCHANGES), default="auto", show_default=True, help="Likewise."
)
@click.option("--halo-depth", type=DepthType(), default="auto", show_default=True, help="Likewise.")
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Jobs of each case, in turn with those of the others.",
)
@click.option(
    "--launcher",
    "template",
    metavar="WORDS",
    help='What starts a job, such as "srun --mpi=pmi2 -n {ranks}"; else this MPI\'s mpiexec.',
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="After which a job is ended.",
)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--plot", type=Picture(), help="Draw speed-up and efficiency here.")
def scaling(
    params: Path | None,
    overrides: tuple[str, ...],
    ranks: tuple[int, ...],
    modes: tuple[Mode, ...],
    kernel: str,
    exchange: str,
    halo_depth: Depth,
    repeats: int,
    template: str | None,
    timeout: float,
    path: Path | None,
    plot: Path | None,
) -> int:
    """Solve a problem on several numbers of ranks, and tell speed-up and efficiency.

    Strong scaling: all ranks together solve the problem in PARAMS. Weak scaling: the grid
    grows with the ranks, each has as many points. Start it without mpiexec: it launches
    each number of ranks itself. A number that fails is reported, the others go on, and the
    exit code is 1.
    """
    refuse_ranks("scaling")
    check_writable(path, "--json")
    check_plot(plot)
    base = load_parameters(params, overrides)
    if kernel in GPU_KERNELS:
        raise InputError(
            f"kernel {kernel} computes on a GPU, and scaling is measured on CPUs: choose auto or "
            f"one of {', '.join(KERNELS)}; `hpcpy-diffusion ladder --device gpu` measures GPUs"
        )
    find_kernel(kernel)
    if template is None:
        _check_ranks(max(ranks))
    cases = plan_cases(base, modes, ranks)
    launcher = find_launcher(template)
    options = [str(params)] if params is not None else []
    options += [word for override in overrides for word in ("--set", override)]
    options += [
        "--device",
        "cpu",
        "--kernel",
        kernel,
        "--exchange",
        exchange,
        "--halo-depth",
        str(halo_depth),
    ]
    outcomes = run_cases(
        cases,
        launcher,
        options,
        repeats=repeats,
        timeout=timeout,
        environ=launch_environment(),
        tell=lambda line: click.echo(line, err=True),
    )
    report = _describe(base, launcher, options, repeats, outcomes)
    click.echo(format_scaling(report))
    if path is not None:
        write_report(path, report)
    if plot is not None and any(outcome.failed is None for outcome in outcomes):
        from hpcpy_diffusion.scaling.draw import draw_scaling

        draw_scaling(plot, report["scaling"])
    return 1 if any(outcome.failed is not None for outcome in outcomes) else 0


def _check_ranks(ranks: int) -> None:
    """Refuse ranks by the thousand on this machine, where the user names no launcher."""
    cores = count_usable_cores()
    if ranks > RANKS_PER_CORE * cores:
        raise InputError(
            f"--ranks {ranks}: this process may use {cores} core{'s' if cores > 1 else ''}: give "
            f"{RANKS_PER_CORE * cores} at most, or a --launcher for more machines, such as "
            '"mpiexec -n {ranks}"'
        )


def _describe(
    base: Parameters,
    launcher: Launcher,
    options: list[str],
    repeats: int,
    outcomes: list[Outcome],
) -> dict[str, Any]:
    """Return the record of the whole, with what the jobs said of themselves."""
    said: dict[str, Any] = next((o.reports[0] for o in outcomes if o.reports), {})
    return {
        **describe_run("hpcpy-diffusion scaling"),
        "mpi": said.get("mpi"),
        "kernel": said.get("kernel"),
        "launcher": str(launcher),
        "options": options,
        "parameters": base.as_dict(),
        "repeats": repeats,
        "scaling": summarise_scaling(outcomes),
        "warnings": list_warnings(outcomes, len(os.sched_getaffinity(0))),
    }
