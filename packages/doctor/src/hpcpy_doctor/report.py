"""Put together what all processes have seen, try what is to be tried, and tell it."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from hpcpy_core.launch import mend_launch
from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.mailbox import Mailbox
from hpcpy_doctor.merge import Section, format_ranks, merge
from hpcpy_doctor.outlive import go_apart
from hpcpy_doctor.own_kinds import CHECK_FAILED, PROCESSES_NOT_HEARD
from hpcpy_doctor.plan import Plan
from hpcpy_doctor.reporter import Reporter
from hpcpy_doctor.run_checks import Examined, run_check
from hpcpy_doctor.scratch import sweep_scratch
from hpcpy_doctor.tell import Teller
from hpcpy_doctor.this_launch import NAME, OWN, TITLE, try_launch
from hpcpy_doctor.travel import unpack

__all__ = ["report"]


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A process that was examined: its name among the letters, and what it has seen."""

    token: str
    facts: Facts
    examined: tuple[Examined, ...]


def report(
    reporter: Reporter, plan: Plan, facts: Facts, examined: tuple[Examined, ...], patience: float
) -> int:
    """Hear the others, print the report, and let all leave with the same exit code. Local.

    Parameters
    ----------
    reporter
        This process.
    plan
        What is to be done.
    facts, examined
        Of this process.
    patience
        Seconds to wait for the others.
    """
    code = 1
    for parent in (tempfile.gettempdir, Path.cwd):
        with suppress(OSError):
            sweep_scratch(Path(parent()))
    try:
        reporter.gather(patience)
        clock, written = reporter.measure_clock()
        dated = replace(facts, clock=clock, written=written)
        own = Patient(token=OWN, facts=dated, examined=examined)
        patients = _list_patients(reporter, own)
        everybody = tuple(patient.facts for patient in patients)
        teller = Teller(options=plan.options, facts=everybody, announced=reporter.launch.size)
        teller.open()
        for section in _examine(reporter, plan, patients):
            teller.tell(section)
        teller.close()
        code = teller.code
    finally:
        reporter.close(code)
    return code


def _list_patients(reporter: Reporter, own: Patient) -> list[Patient]:
    """Return this process and those that were heard, by rank; without ranks they get some."""
    patients = [own]
    for member in reporter.members:
        try:
            facts, examined = unpack(member.hello)
        except (KeyError, TypeError, ValueError, AttributeError):  # no letter of ours
            continue
        dated = replace(facts, written=member.written)
        patients.append(Patient(token=member.token, facts=dated, examined=examined))
    if reporter.launch.rank is None:
        return [
            replace(one, facts=replace(one.facts, rank=rank)) for rank, one in enumerate(patients)
        ]
    return sorted(patients, key=lambda one: one.facts.rank)


def _examine(reporter: Reporter, plan: Plan, patients: Sequence[Patient]) -> Iterator[Section]:
    """Yield one section after the other: what may hurt comes last."""
    facts = tuple(patient.facts for patient in patients)
    size = reporter.launch.size
    if max(size, len(patients)) > 1:
        yield Section(
            name="processes", title="Processes", found=merge([(None, _count(reporter, facts))])
        )
    if plan.broken:
        yield Section(
            name="broken_checks", title="Broken checks", found=merge([(None, plan.broken)])
        )
    for check in plan.of("process", "job"):
        yield _gather(check, patients) if check.scope == "process" else _run(check, facts)
    for check in plan.of("active"):
        yield _run(check, facts)
    if plan.with_launch and size > 1 and reporter.mailbox is not None:
        yield _try(reporter, reporter.mailbox, patients, plan.options.deadline)


def _count(reporter: Reporter, facts: Sequence[Facts]) -> list[Finding]:
    """Compare those that were heard with those that were announced."""
    size, launcher = reporter.launch.size, facts[0].launcher
    missing = sorted(set(range(size)) - {one.rank for one in facts})
    hosts = len({one.host for one in facts})
    if not missing:
        return [Finding.ok(f"{len(facts)} on {hosts} {'host' if hosts == 1 else 'hosts'}")]
    seen = f"{launcher} announced {size} processes, but {format_ranks(missing)} did not show up"
    if reporter.why_alone:
        seen += f": {reporter.why_alone}"
    command = mend_launch(facts[0].library_text or "", launcher or "", size)
    return [PROCESSES_NOT_HEARD.found(seen, command=command)]


def _gather(check: Check, patients: Sequence[Patient]) -> Section:
    """Put together what the processes have found themselves."""
    done = [
        (patient.facts.rank, one)
        for patient in patients
        for one in patient.examined
        if one.name == check.name
    ]
    return Section(
        name=check.name,
        title=check.title,
        found=merge([(rank, one.findings) for rank, one in done]),
        seconds=max(one.seconds for _, one in done),
    )


def _run(check: Check, facts: tuple[Facts, ...]) -> Section:
    done = run_check(check, facts)
    found = merge([(None, done.findings)])
    return Section(name=check.name, title=check.title, found=found, seconds=done.seconds)


def _try(
    reporter: Reporter, mailbox: Mailbox, patients: Sequence[Patient], deadline: float
) -> Section:
    """Try this launch, in a process that outlives what the launcher may do then."""
    began = perf_counter()
    was_ended = go_apart()
    reporter.show_itself()
    facts = {patient.token: patient.facts for patient in patients}
    try:
        found = try_launch(reporter, mailbox, facts, deadline, was_ended)
    except OSError as error:
        found = (CHECK_FAILED.found(f"{NAME}: {error}", name=NAME),)
    return Section(
        name=NAME, title=TITLE, found=merge([(None, found)]), seconds=perf_counter() - began
    )
