"""The ``demo`` command of a package: run its examples and check their answers.

Importing it does not start MPI.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_core.examples import Example, Result, Topics

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.device import Device, DeviceRequest
    from hpcpy_core.transport import TransportRequest

__all__ = ["demo_command"]

ALL = "all"


class Chosen(click.ParamType[tuple[Example, ...]]):
    """The name of an example, or ``all``."""

    name = "NAME"

    def __init__(self, topics: Topics) -> None:
        self.examples = {example.name: example for topic in topics.values() for example in topic}

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Example, ...]:
        """Turn a name into the examples to run."""
        name = str(value)
        if name == ALL:
            return tuple(self.examples.values())
        if name not in self.examples:
            close = get_close_matches(name, [*self.examples, ALL], n=1)
            guess = f"did you mean {close[0]}? " if close else ""
            self.fail(f"there is no example {name!r}: {guess}--list shows all", param, ctx)
        return (self.examples[name],)


def demo_command(topics: Topics, line: str) -> click.Command:
    """Return the command that runs a package's examples. Local.

    Parameters
    ----------
    topics
        What there is to run.
    line
        A command line that runs one of them, for the help.
    """

    @click.command(
        "demo",
        short_help="Run one example, or all.",
        epilog=f"Start it with this environment's mpiexec: {line}.",
    )
    @click.argument("chosen", metavar="[NAME|all]", required=False, type=Chosen(topics))
    @click.option("--list", "as_list", is_flag=True, help="List the examples and run none.")
    @click.option("--quiet", is_flag=True, help="Print errors only.")
    @device_options
    def demo(
        chosen: tuple[Example, ...] | None,
        as_list: bool,
        quiet: bool,
        device: "DeviceRequest",
        transport: "TransportRequest",
    ) -> Work | None:
        """Run the example NAME, or all, and check its answer on every rank.

        What each rank has to say comes in rank order, then "ok" or "wrong".
        """
        if as_list:
            _list_examples(topics)
            return None
        if chosen is None:
            raise click.UsageError("which example? Give a name or all; --list shows the names")

        def work(comm: "MPI.Intracomm") -> None:
            from hpcpy_core.selection import select

            selection = select(device, transport, comm, gpu=True)
            speaks = comm.rank == 0 and not quiet
            if speaks:
                click.echo(str(selection), err=True)
            _run(comm, selection.device, chosen, speaks=speaks)

        return work

    return demo


def _list_examples(topics: Topics) -> None:
    width = max(len(example.name) for examples in topics.values() for example in examples)
    for topic, examples in topics.items():
        click.echo(f"{topic}:")
        for example in examples:
            click.echo(f"  {example.name:{width}}  {example.summary}")


def _run(
    comm: "MPI.Intracomm", device: "Device", chosen: Sequence[Example], *, speaks: bool
) -> None:
    """Run the examples one after another. Collective over comm.

    Raises
    ------
    HpcpyError
        On every rank once all have run, if an answer was wrong on any rank.
    """
    from hpcpy_core.agreement import raise_on_all
    from hpcpy_core.errors import HpcpyError

    wrong = []
    for example in chosen:
        if speaks:
            click.echo(f"{example.name}: {example.summary}")
        results = comm.allgather(example.load()(comm, device))
        said = _describe_wrong(results)
        if said:
            wrong.append(f"{example.name} gave a wrong answer on {said}")
        if speaks:
            for rank, result in enumerate(results):
                for line in result.lines:
                    click.echo(f"  rank {rank}: {line}")
            click.echo("wrong" if said else "ok")
    raise_on_all(comm, HpcpyError("\n".join(wrong)) if wrong else None)


def _describe_wrong(results: Sequence[Result]) -> str:
    """Return which ranks were wrong and what each expected and got, or nothing."""
    wrong = [rank for rank, result in enumerate(results) if not result.correct]
    if not wrong:
        return ""
    ranks = f"rank{'s' if len(wrong) > 1 else ''} {', '.join(map(str, wrong))} of {len(results)}"
    return f"{ranks}: " + "; ".join(f"rank {rank} {results[rank].expected}" for rank in wrong)
