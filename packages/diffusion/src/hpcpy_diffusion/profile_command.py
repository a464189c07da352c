"""``hpcpy-diffusion profile``: the profilers of the lesson on the kernels in plain Python.

A serial command, without MPI.
"""

from pathlib import Path

import click

from hpcpy_core.errors import InputError
from hpcpy_core.output_files import check_writable, write_text
from hpcpy_core.report import describe_run, write_report
from hpcpy_diffusion.load_parameters import load_parameters
from hpcpy_diffusion.profiling import TOOLS, find_tool
from hpcpy_diffusion.profiling.task import prepare_task
from hpcpy_diffusion.refuse_ranks import refuse_ranks

__all__ = ["profile"]

READABLE = ("python", "numpy-loops", "numpy", "numpy-flat")
"""Kernels whose lines Python runs: a profiler of Python sees nothing in compiled ones."""


@click.command("profile", short_help="Profile a kernel: functions, lines, memory.")
@click.argument("params", required=False, type=click.Path(path_type=Path))
@click.option(
    "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override a parameter."
)
@click.option(
    "--tool",
    "name",
    type=click.Choice(list(TOOLS)),
    required=True,
    help="cProfile, line_profiler or memory_profiler.",
)
@click.option("--kernel", type=click.Choice(READABLE), default="python", show_default=True)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Time steps; else {}.".format(
        ", ".join(f"{t.steps} with {t.name}" for t in TOOLS.values())
    ),
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("profile"),
    show_default=True,
    help="Directory for what the tool says, as text and as JSON.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier profile.")
def profile(
    params: Path | None,
    overrides: tuple[str, ...],
    name: str,
    kernel: str,
    steps: int | None,
    output: Path,
    overwrite: bool,
) -> None:
    """Profile a few time steps of a kernel on the grid of PARAMS, on one core.

    cprofile tells which functions take the time, line which lines of the kernel do, and
    memory how the process grows from line to line. For other viewers, cProfile's own file is
    written by: python -m cProfile -o FILE -m hpcpy_diffusion run --kernel python
    """
    refuse_ranks("profile")
    tool = find_tool(name)
    parameters = load_parameters(params, overrides)
    text, record = (output / f"profile-{kernel}-{name}{suffix}" for suffix in (".txt", ".json"))
    _prepare(output, (text, record), overwrite=overwrite)
    task = prepare_task(kernel, parameters, steps or tool.steps)
    found = tool.load()(task)
    report = {
        **describe_run("hpcpy-diffusion profile"),
        "tool": name,
        "kernel": kernel,
        "parameters": parameters.as_dict(),
        "profiled_steps": task.steps,
        **found.figures,
    }
    write_text(text, found.text)
    write_report(record, report)
    click.echo(found.text)
    click.echo(f"\nwritten    {text}, {record.name}")


def _prepare(output: Path, files: tuple[Path, ...], *, overwrite: bool) -> None:
    """Make the directory, and see before the work that the files can be written."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"output {output} cannot be written: {error.strerror}") from error
    for file in files:
        if file.exists() and not overwrite:
            raise InputError(f"{file} is there: give --overwrite, or another --output")
        check_writable(file, "--output")
