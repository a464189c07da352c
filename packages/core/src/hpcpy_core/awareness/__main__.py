"""``python -m hpcpy_core.awareness``: say which operations may be given device memory here.

Where an MPI refuses jobs inside of jobs, run it before mpiexec, in the same environment:
the job finds its verdict. Starts no MPI in this process.
"""

import json
import shlex
import sys
import textwrap
from collections.abc import Iterator, Sequence

import click

from hpcpy_core import __version__
from hpcpy_core.awareness.cache import keep, recall
from hpcpy_core.awareness.identity import identify
from hpcpy_core.awareness.operations import EXAMPLES, OPERATIONS
from hpcpy_core.awareness.prove import prove
from hpcpy_core.awareness.queries import WORTH
from hpcpy_core.awareness.verdict import Verdict
from hpcpy_core.errors import InputError
from hpcpy_core.masking import mask_plain, mask_text
from hpcpy_core.run_alone import run_alone

__all__ = ["main"]

COLUMNS = 80


@click.command(name="hpcpy-awareness")
@click.version_option(__version__)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.option("--no-cache", is_flag=True, help="Prove it anew.")
@click.option(
    "--launch",
    metavar="WORDS",
    help="Start the proof with these words, such as 'srun -N 2 -n 2', instead of mpiexec -n 2.",
)
def command(as_json: bool, no_cache: bool, launch: str | None) -> int:
    """Prove which MPI operations take device memory here, in jobs that may crash."""
    words = _split(launch) if launch is not None else None
    identity = identify()
    verdict = None if no_cache or words else recall(identity)
    kept = "of an earlier proof"
    if verdict is None:
        verdict = prove(launch=words)
        path = keep(identity, verdict)
        kept = f"kept in {path}" if path else "not kept"
    if as_json:
        click.echo(json.dumps(mask_plain(json.loads(verdict.to_json())), indent=2))
    else:
        click.echo(mask_text("\n".join(_describe(verdict, kept))))
    return 0 if verdict.lasting else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 1 if the proof could not be run."""
    return run_alone(command, argv)


def _split(launch: str) -> list[str]:
    try:
        words = shlex.split(launch)
    except ValueError as error:
        raise InputError(f"--launch {launch!r}: {error}. Quote it like 'srun -n 2'") from error
    if not words:
        raise InputError("--launch is empty: give words like 'srun -n 2'")
    return words


def _describe(verdict: Verdict, kept: str) -> Iterator[str]:
    """Yield the lines of the table."""
    if not verdict.nodes:
        yield from _wrap("", f"The proof could not be run: {verdict.reason}", 0)
        return
    nodes = "1 node" if verdict.nodes == 1 else f"{verdict.nodes} nodes"
    yield from _wrap("MPI", verdict.library, 10)
    yield from _wrap("driver", f"CUDA {verdict.driver}", 10)
    yield from _wrap("proof", f"on {nodes}, {verdict.seconds:.1f} s, {kept}", 10)
    yield "\nWhat MPI and its environment say, and what that is worth"
    for name, answer in verdict.queries.items():
        yield from _wrap("", f"{name}: {answer}. {WORTH.get(name, '')}", 2)
    yield "\nWhat was seen"
    for name in OPERATIONS:
        yield from _wrap(name, verdict.failures.get(name) or f"proven: {EXAMPLES[name]}", 24)


def _wrap(head: str, text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text,
        COLUMNS,
        initial_indent=head.ljust(indent),
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )


if __name__ == "__main__":
    sys.exit(main())
