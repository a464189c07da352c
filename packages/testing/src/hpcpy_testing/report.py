"""What the launcher prints: a line for a green launch, everything for a red one."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from hpcpy_core.masking import mask_text
from hpcpy_testing.launch_file import Launch, read_log
from hpcpy_testing.merge_junit import Part, part_of
from hpcpy_testing.story import Story
from hpcpy_testing.verdict import Blame

__all__ = ["parts_of", "report_launch", "report_summary", "tally"]


def report_launch(launch: Launch) -> None:
    """Print a launch as soon as it has ended."""
    state = "red  " if launch.verdict.blames else "none " if launch.verdict.nothing else "green"
    seconds = f"{launch.completed.seconds:.1f} s"
    click.echo(
        f"{state} {_ranks(launch.ranks)}  {_short(launch.file)}  "
        f"{tally(launch.verdict.tests)}  {seconds}"
    )
    for line in launch.completed.leftovers:
        click.echo(f"  left behind, now killed: {line}")
    if launch.verdict.blames:
        _report_red(launch)


def report_summary(launches: Sequence[Launch]) -> bool:
    """Print the red launches, and last the totals alone on a line; tell whether all is green."""
    red = [launch for launch in launches if launch.verdict.blames]
    if red:
        click.echo("\nred launches:")
    for launch in red:
        click.echo(f"  {_ranks(launch.ranks)}  {_short(launch.file)}, logs in {launch.folder.path}")
        for blame in launch.verdict.blames:
            click.echo(f"    {_head(launch, blame)} {blame.why}")
    nothing = all(launch.verdict.nothing for launch in launches)
    if nothing:
        click.echo(
            "\nno MPI test was executed: of those chosen, all were skipped, or there is none"
        )
    total: Counter[str] = sum((launch.verdict.tests for launch in launches), Counter())
    click.echo(tally(total))
    return not red and not nothing


def parts_of(launch: Launch) -> list[Part]:
    """Return what the ranks of a launch should have written for the junit file."""
    return [
        Part(
            file=_short(launch.file),
            rank=story.rank,
            size=launch.ranks,
            path=part_of(launch.folder.junit, story.rank, launch.ranks),
            where=story.where,
            state=_state(launch, story),
            empty=story.unselected,
        )
        for story in launch.stories
    ]


def tally(tests: Counter[str]) -> str:
    """Return the counts in the words that pytest uses."""
    return ", ".join(f"{tests[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped"))


def _report_red(launch: Launch) -> None:
    shown = set()
    for blame in launch.verdict.blames:
        click.echo(f"\n{_head(launch, blame)} {blame.why}")
        if blame.rank is not None and blame.rank not in shown:
            shown.add(blame.rank)
            click.echo(read_log(launch.folder, blame.rank))
    if not shown:
        click.echo(read_log(launch.folder, 0))
    click.echo(f"all ranks of {_short(launch.file)}:")
    for story in launch.stories:
        click.echo(f"  rank {story.rank} of {launch.ranks}: {_state(launch, story)}")
    # prterun ends its messages with a NUL, which would make the log of a CI run a binary file.
    output = (launch.completed.stdout + launch.completed.stderr).replace("\0", "").strip()
    click.echo(f"mpiexec returned {launch.completed.returncode}\n{mask_text(output)}".rstrip())


def _state(launch: Launch, story: Story) -> str:
    where = _where(launch, story.where)
    if story.pid is None:
        return "never started its session"
    if story.status is not None:
        return f"ended its session with status {story.status}"
    if story.expired:
        return f"was in {where} when its deadline passed, {story.expired.why}"
    return f"was in {where} when the job ended"


def _head(launch: Launch, blame: Blame) -> str:
    rank = "the job" if blame.rank is None else f"rank {blame.rank}"
    return f"{rank} of {launch.ranks}, in {_where(launch, blame.where)}:"


def _where(launch: Launch, where: str) -> str:
    """Name a test by the path that the user gave; other parts of the session as they are."""
    file, separator, test = where.partition("::")
    if not file or Path(file).name == launch.file.name:
        return f"{_short(launch.file)}{separator}{test}"
    return where


def _ranks(number: int) -> str:
    return f"{number} rank " if number == 1 else f"{number} ranks"


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
