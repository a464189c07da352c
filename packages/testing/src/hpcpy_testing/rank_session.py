"""What the plugin does in one rank of a session with ``--with-mpi``."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hpcpy_testing.collected import Collected, find_difference, meet
from hpcpy_testing.communicators import FAILED
from hpcpy_testing.deadline import Deadline
from hpcpy_testing.journal import Journal
from hpcpy_testing.outcomes import Outcomes

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["RankSession"]


class RankSession:
    """A pytest plugin object: notes, watches and judges the session of this rank.

    Parameters
    ----------
    comm
        COMM_WORLD, whose ranks must all run the same tests.
    vendor
        Name and version of the MPI library.
    journal
        Takes what happens.
    deadline
        Watches each test; None where there is no deadline.
    launched
        Whether other launches of the same run may have the tests that were chosen.
    """

    def __init__(
        self,
        comm: MPI.Intracomm,
        *,
        vendor: str,
        journal: Journal,
        deadline: Deadline | None,
        launched: bool,
    ) -> None:
        self._world = comm
        self._comm = comm
        self._vendor = vendor
        self._launched = launched
        self._who = f"rank {comm.rank} of {comm.size}"
        self._journal = journal
        self._deadline = deadline
        self._files: set[str] = set()
        self._executed: set[str] = set()
        self._chosen: set[str] = set()
        self._skipped: dict[str, str] = {}
        self._error = ""
        self._follows = False  # whether it ends because of another rank
        self._outcomes: Outcomes | None = None
        self._shown_nothing: list[str] = []
        self._outcome = "passed"
        self._session: pytest.Session | None = None
        self._item: pytest.Item | None = None
        journal.world(comm.size, _shared_memory())

    def pytest_report_header(self) -> str:
        """Name the MPI, the rank and the size."""
        return f"MPI: {self._vendor}, {self._who}"

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start the watch."""
        self._session = session
        if self._deadline:
            self._deadline.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Watch the import of the test modules, too, and prepare to compare the ranks."""
        self._enter("the collection")
        if self._world.size > 1:
            # Of its own, so that what a module sends while it is imported cannot get between.
            self._comm = self._world.Dup()
            self._outcomes = Outcomes(self._comm)
            if self._deadline:
                self._deadline.compare(self._outcomes)
        try:
            return (yield)
        except pytest.UsageError as error:
            if not self._follows:
                self._journal.refused("the collection", str(error).replace("\n", " "))
            raise

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note the test modules, and those that cannot be imported."""
        if report.failed:
            self._error = self._error or report.nodeid or "its tests"
            self._journal.failed(report.nodeid, _reason(report))
        elif report.nodeid.endswith(".py"):
            self._files.add(report.nodeid)
        if report.skipped:
            self._skipped[report.nodeid] = _why_skipped(report)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse to run different tests on different ranks. Collective over the world."""
        self._chosen = {item.nodeid.partition("::")[0] for item in session.items}
        if self._world.size == 1:
            return
        # pytest calls this at the end of a collection that failed, too.
        error = self._error or repr(sys.exc_info()[1] or "").strip("'")
        tests = [item.nodeid for item in session.items]
        ranks = meet(self._comm, Collected(tests=tests, skipped=self._skipped, error=error))
        if error or not ranks:
            return
        for rank, other in enumerate(ranks):
            if other.error:
                self._follows = True
                self._journal.follows(other.error)
                raise pytest.UsageError(f"no test is run: rank {rank} cannot collect {other.error}")
        raise pytest.UsageError(find_difference(ranks))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Give each test its entry and its deadline."""
        self._enter(item.nodeid)
        self._item = item
        self._outcome = "passed"
        result = yield
        self._journal.outcome(item.nodeid, self._outcome)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Count the MPI tests that are executed, and note failures at once."""
        report = yield
        if report.failed:
            item.stash[FAILED] = True
            self._outcome = "failed"
            self._journal.failed(item.nodeid, _reason(report))
        skipped = report.skipped and not hasattr(report, "wasxfail")
        if call.when == "call" and not skipped and item.get_closest_marker("mpi"):
            self._executed.add(item.nodeid.partition("::")[0])
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell the others of a test's end, and fail if they skipped it and this rank did not."""
        if isinstance(report, pytest.SubtestReport):
            return
        if report.skipped and self._outcome == "passed":
            self._outcome = "skipped"
        ended = report.when == "call" or (report.when == "setup" and not report.passed)
        if not ended or self._outcomes is None:
            return
        outcome, why = str(report.outcome), ""
        if report.skipped:
            expected = getattr(report, "wasxfail", None)
            outcome = "skipped" if expected is None else "xfailed"
            why = _why_skipped(report) if expected is None else expected
        self._outcomes.note(report.nodeid, outcome, why)
        difference = self._outcomes.find_difference(report.nodeid)
        if difference and self._item and self._session:
            report.outcome, report.longrepr = "failed", difference
            self._outcome = "failed"
            self._item.stash[FAILED] = True
            self._session.shouldfail = "the ranks do not run the same tests any more"
            self._journal.refused(report.nodeid, difference)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail a session in which a file executed no MPI test, since it has shown nothing."""
        self._enter("the end of the session")
        nothing_failed = session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        )
        if nothing_failed and (self._launched or not session.config.option.collectonly):
            self._find_nothing(session)
        for file in self._shown_nothing:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self._journal.failed(file, NOTHING_EXECUTED)
        return (yield)

    def _find_nothing(self, session: pytest.Session) -> None:
        """Find the files that executed no MPI test."""
        config = session.config
        chosen = bool(config.option.keyword) or any("::" in word for word in config.args)
        if chosen and self._launched and not self._executed:
            self._journal.unselected()  # what was chosen may be in another launch
            session.exitstatus = pytest.ExitCode.OK
            return
        files = self._files & self._chosen if chosen else self._files
        self._shown_nothing = sorted(files - self._executed)
        if not self._executed and not self._shown_nothing:
            self._shown_nothing = [""]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say so."""
        for file in self._shown_nothing:
            what = f"{file} {NOTHING_EXECUTED}".strip()
            terminalreporter.write_line(f"{self._who}: {what}", red=True)

    def pytest_unconfigure(self) -> None:
        """Write the marker: this rank came to the end of its session."""
        if self._deadline:
            self._deadline.stop()
        status = self._session.exitstatus if self._session else pytest.ExitCode.USAGE_ERROR
        self._journal.end(int(status))

    def _enter(self, where: str) -> None:
        if self._deadline:
            self._deadline.enter(where)
        else:
            self._journal.enter(where)


NOTHING_EXECUTED = (
    "executed no MPI test: all were skipped or deselected, or none has the mark 'mpi'; "
    "every file needs one that runs at this number of ranks"
)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the first line of the error, without the stack."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message).partition("\n")[0]
    return report.longreprtext.strip().rpartition("\n")[2].removeprefix("E").strip()


def _why_skipped(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the reason that was given for a skip."""
    where = report.longrepr
    said = where[2] if isinstance(where, tuple) else report.longreprtext
    return str(said).removeprefix("Skipped: ")


def _shared_memory() -> list[str]:
    """Return the files that MPICH has mapped to share memory: a killed job leaves them behind."""
    mapped = Path("/proc/self/maps")
    text = mapped.read_text() if mapped.exists() else ""
    return sorted(set(re.findall(r"/dev/shm/mpich_shm_\w+$", text, re.MULTILINE)))
