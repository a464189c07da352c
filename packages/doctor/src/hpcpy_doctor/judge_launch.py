"""What is to be said of a launch in which every process has tried to start MPI."""

import re
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hpcpy_core.errors import LaunchError
from hpcpy_core.expendable import MORE_RANKS_THAN_CORES, scrub
from hpcpy_core.launch import Announcement, check_world, mend_launch
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.merge import format_ranks
from hpcpy_doctor.own_kinds import LAUNCH_DIES, LAUNCH_HANGS, WRONG_SIZE, WRONG_VALUES
from hpcpy_doctor.probing.story import Told

__all__ = ["Tried", "judge_launch"]

SETTINGS = ("FI_", "I_MPI_", "MPICH_", "MPIR_CVAR_", "UCX_")
OPEN_MPIS_SETTINGS = ("FI_", "OMPI_MCA_", "PMIX_MCA_", "UCX_")
"""Beginnings of the variables by which users set MPI up."""

TELLING = re.compile(r"(?i)error|fail|abort|cannot|not found|undefined|assert")

LONGEST = 200
"""Letters of a quoted line."""

SHOWN = 3

WRONG = "WrongValuesError: "


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of it in one process.

    Attributes
    ----------
    rank
        As announced.
    told
        The stages that it told of; None if it did not even begin.
    code
        Its exit code, minus the signal that killed it; None if it had to be ended, or nobody
        has seen its end.
    at
        When it ended, in seconds since 1970.
    words
        What it printed, and its MPI.
    """

    rank: int
    told: Told | None
    code: int | None
    at: float
    words: str

    @property
    def stage(self) -> str:
        """Where it is, hangs or has ended."""
        return (self.told.stopped_in if self.told else "start") or "end"

    @property
    def died(self) -> bool:
        """Whether it ended by itself before its time."""
        return self.code not in (None, 0) or bool(self.told and self.told.failed)


def judge_launch(tried: Sequence[Tried], facts: Sequence[Facts], size: int) -> Iterator[Finding]:
    """Yield what was found, at least one finding. Local.

    Parameters
    ----------
    tried
        By the processes that were heard, ordered by rank.
    facts
        Of the same processes.
    size
        How many processes the launcher has announced.
    """
    wrong = [one for one in tried if one.told and (one.told.failed or "").startswith(WRONG)]
    died = sorted((one for one in tried if one.died), key=lambda one: one.at)
    waiting = [one for one in tried if one.stage != "end"]
    missing = sorted(set(range(size)) - {one.rank for one in tried})
    if wrong:
        said = "; ".join(f"rank {one.rank}: {_quote(one)}" for one in wrong[:SHOWN])
        yield WRONG_VALUES.found(said, command=_mend(facts, size))
    elif died:
        yield LAUNCH_DIES.found(_tell_deaths(died, waiting), command=_mend(facts, size))
    elif waiting:
        because = f", and {format_ranks(missing)} did not start MPI" if missing else ""
        yield LAUNCH_HANGS.found(_tell_stages(waiting) + because, command=_mend(facts, size))
    else:
        yield _judge_sizes(tried, facts, size)


def _judge_sizes(tried: Sequence[Tried], facts: Sequence[Facts], size: int) -> Finding:
    """Compare MPI's number of processes with the launcher's."""
    sizes = sorted({int(one.told.done["world"]["size"]) for one in tried if one.told})
    if sizes == [size]:
        return Finding.ok(f"MPI has {size} ranks, as announced; messages and sums are right")
    launcher, variable = facts[0].launcher or "the launcher", facts[0].variable or ""
    announced = Announcement(launcher=launcher, variable=variable, size=size, rank=0)
    seen = f"{launcher} started {size} processes, but MPI says {' or '.join(map(str, sizes))}"
    try:
        check_world(facts[0].library_text or "", sizes[0], announced)
    except LaunchError as error:
        seen = str(error).partition(". Start it with")[0]
    return WRONG_SIZE.found(seen, command=_mend(facts, size))


def _tell_deaths(died: Sequence[Tried], waiting: Sequence[Tried]) -> str:
    """Say who has ended where, how, and with which words."""
    first = died[0]
    how = f"with {_name_end(first.code)}" if first.code is not None else "early"
    others = f", then {format_ranks(one.rank for one in died[1:])} too" if died[1:] else ""
    left = [one for one in waiting if not one.died]
    meanwhile = f"; {_tell_stages(left)}" if left else ""
    said = f" ({quote})" if (quote := _quote(first)) else ""
    return f"rank {first.rank} ended {how} in {_name(first.stage)}{said}{others}{meanwhile}"


def _tell_stages(waiting: Sequence[Tried]) -> str:
    stages = dict.fromkeys(one.stage for one in waiting)
    return ", ".join(
        f"{format_ranks(one.rank for one in waiting if one.stage == stage)} waited in "
        f"{_name(stage)}"
        for stage in stages
    )


def _name(stage: str) -> str:
    return {"init": "MPI_Init", "finalize": "MPI_Finalize"}.get(stage, stage)


def _name_end(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code} ({signal.strsignal(-code)})"


def _quote(one: Tried) -> str:
    """Return the most telling line of what it said."""
    if one.told and one.told.failed:
        return one.told.failed.removeprefix(WRONG)[:LONGEST]
    lines = [line.strip() for line in one.words.splitlines() if line.strip(" -=*")]
    telling = [line for line in lines if TELLING.search(line)]
    return (telling or lines or [""])[0][:LONGEST]


def _mend(facts: Sequence[Facts], size: int) -> str:
    """Return this launch with the library's own launcher, and without what may disturb it."""
    library, launcher = facts[0].library_text or "", facts[0].launcher or ""
    command = mend_launch(library, launcher, size)
    settings = OPEN_MPIS_SETTINGS if library.startswith("Open MPI") else SETTINGS
    users = {name for one in facts for name in scrub(one.environ) if name.startswith(settings)}
    users -= MORE_RANKS_THAN_CORES.keys()
    return f"env {' '.join(f'-u {name}' for name in sorted(users))} {command}" if users else command
