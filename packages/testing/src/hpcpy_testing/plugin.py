"""The pytest plugin: MPI tests that fail on every rank, with the reason, and in time.

It works beside pytest-mpi, which gives the mark ``mpi`` and ``--with-mpi``. A
session without that option does not initialise MPI and is left as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcpy_testing.announced import announced_rank
from hpcpy_testing.communicators import comm, subcomm
from hpcpy_testing.deadline import Deadline
from hpcpy_testing.journal import Journal
from hpcpy_testing.launch_folder import LaunchFolder
from hpcpy_testing.lifeline import hold_lifeline
from hpcpy_testing.merge_junit import part_of
from hpcpy_testing.rank_session import RankSession
from hpcpy_testing.redirect import redirect_output

__all__ = ["comm", "subcomm"]

DEFAULT_DEADLINE = "60"

FOLDER = pytest.StashKey[LaunchFolder | None]()
JOURNAL = pytest.StashKey[Journal]()
WITHOUT_XDIST = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the deadline, as an option and as a setting."""
    text = "end a rank that has been in one MPI test for this many seconds; 0 means never"
    parser.addini("mpi_deadline", text, default=DEFAULT_DEADLINE)
    parser.getgroup("mpi").addoption("--mpi-deadline", metavar="SECONDS", type=float, help=text)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Send this rank's output to its log, before pytest starts to capture."""
    folder = LaunchFolder.from_environment()
    rank = announced_rank() or 0
    if folder:
        redirect_output(folder.log(rank))
    journal = Journal(folder.journal(rank) if folder else Path(os.devnull))
    journal.start(rank)
    if folder:
        hold_lifeline(folder.lifeline(rank))
    early_config.stash[FOLDER] = folder
    early_config.stash[JOURNAL] = journal
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Prepare this rank, before the junit plugin takes its path."""
    if not config.getoption("--with-mpi", default=False):
        return
    _leave_xdist_out(config)
    from mpi4py import MPI

    world = MPI.COMM_WORLD
    folder, journal = config.stash[FOLDER], config.stash[JOURNAL]
    if config.option.xmlpath:
        config.option.xmlpath = str(part_of(Path(config.option.xmlpath), world.rank, world.size))
    if folder and not config.option.basetemp:
        config.option.basetemp = str(folder.scratch(world.rank))
    name, version = MPI.get_vendor()
    session = RankSession(
        world,
        vendor=f"{name} {'.'.join(map(str, version))}",
        journal=journal,
        deadline=_deadline(config, world.rank, world.size),
        launched=folder is not None,
    )
    config.pluginmanager.register(session, "hpcpy_testing_rank")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what was left out."""
    if config.stash.get(WITHOUT_XDIST, False):
        return "xdist: -n is left out, since the ranks themselves run the tests"
    return None


def _leave_xdist_out(config: pytest.Config) -> None:
    """Run the tests in this process, which is a rank, whatever -n a project's addopts have."""
    if config.getoption("dist", default="no") != "no":
        config.option.dist, config.option.tx, config.option.numprocesses = "no", [], None
        config.stash[WITHOUT_XDIST] = True


def _deadline(config: pytest.Config, rank: int, size: int) -> Deadline | None:
    given = config.getoption("--mpi-deadline")
    seconds = float(config.getini("mpi_deadline") if given is None else given)
    # In the debugger a person takes the time that it takes.
    if seconds <= 0 or config.option.usepdb:
        return None
    return Deadline(
        seconds,
        rank=rank,
        size=size,
        descriptor=os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2),
        journal=config.stash[JOURNAL],
        folder=config.stash[FOLDER],
    )
