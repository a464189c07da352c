"""What the plugin does in one rank of a session with ``--with-mpi``."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hpcpy_testing.communicators import FAILED
from hpcpy_testing.deadline import Deadline
from hpcpy_testing.journal import Journal

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["RankSession"]


class RankSession:
    """A pytest plugin object: notes, watches and judges the session of this rank.

    Parameters
    ----------
    comm
        COMM_WORLD; only asked for rank and size.
    vendor
        Name and version of the MPI library.
    journal
        Takes what happens.
    deadline
        Watches each test; None where there is no deadline.
    """

    def __init__(
        self, comm: MPI.Intracomm, *, vendor: str, journal: Journal, deadline: Deadline | None
    ) -> None:
        self._vendor = vendor
        self._who = f"rank {comm.rank} of {comm.size}"
        self._journal = journal
        self._deadline = deadline
        self._files: set[str] = set()
        self._executed: set[str] = set()
        self._shown_nothing: list[str] = []
        self._outcome = "passed"
        self._session: pytest.Session | None = None
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
        """Watch the import of the test modules, too."""
        self._enter("the collection")
        return (yield)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note the test modules, and those that cannot be imported."""
        if report.failed:
            self._journal.failed(report.nodeid, _reason(report))
        elif report.nodeid.endswith(".py"):
            self._files.add(report.nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Give each test its entry and its deadline."""
        self._enter(item.nodeid)
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
        elif report.skipped and self._outcome == "passed":
            self._outcome = "skipped"
        skipped = report.skipped and not hasattr(report, "wasxfail")
        if call.when == "call" and not skipped and item.get_closest_marker("mpi"):
            self._executed.add(item.nodeid.partition("::")[0])
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail a session in which a file executed no MPI test, since it has shown nothing."""
        self._enter("the end of the session")
        nothing_failed = session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        )
        if nothing_failed and not session.config.option.collectonly:
            self._shown_nothing = sorted(self._files - self._executed)
            if not self._executed and not self._shown_nothing:
                self._shown_nothing = [""]
        for file in self._shown_nothing:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self._journal.failed(file, NOTHING_EXECUTED)
        return (yield)

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


def _shared_memory() -> list[str]:
    """Return the files that MPICH has mapped to share memory: a killed job leaves them behind."""
    mapped = Path("/proc/self/maps")
    text = mapped.read_text() if mapped.exists() else ""
    return sorted(set(re.findall(r"/dev/shm/mpich_shm_\w+$", text, re.MULTILINE)))
