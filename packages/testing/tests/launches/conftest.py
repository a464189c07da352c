"""Runs the launcher on test files that are meant to fail. This process never imports MPI."""

import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PRELUDE = """
import ctypes, os, subprocess, sys, time
from pathlib import Path
import pytest

pytestmark = pytest.mark.mpi
PIDS = Path(os.environ["FAULT_PIDS"])

def record(pid):
    start = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    (PIDS / f"{pid}-{start}").touch()

record(os.getpid())
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the launcher did with the files of one case."""

    code: int
    output: str
    seconds: float
    junit: Path

    @property
    def blamed(self) -> set[tuple[str, str]]:
        """Who is to blame, and in which test, by the summary at the end."""
        _, _, summary = self.output.partition("\nred launches:\n")
        heads = re.findall(r"^    (rank \d+|the job) of \d+, in (.*?): ", summary, re.MULTILINE)
        return {(who, where.rpartition("::")[2]) for who, where in heads}

    @property
    def ended_soon(self) -> bool:
        """Whether it took far less than the deadline of 60 s, which would end a hang."""
        return self.seconds < 45

    @property
    def tally(self) -> str:
        return self.output.splitlines()[-1]

    @property
    def cases(self) -> dict[str, str]:
        """The junit file: pass, failure, error or skipped for each test case."""
        return {
            case.attrib["name"]: case[0].tag if len(case) else "pass"
            for case in ET.parse(self.junit).getroot().iter("testcase")
        }


@pytest.fixture
def pids(tmp_path: Path):
    """The folder in which the processes of a case record themselves; all must have ended."""
    folder = tmp_path / "pids"
    folder.mkdir()
    yield folder
    recorded = [tuple(path.name.split("-")) for path in folder.iterdir()]
    assert recorded, "no process recorded itself, so this case has shown nothing"
    deadline = time.monotonic() + 5  # what was killed takes a moment to end on a busy machine
    while any(is_alive(*process) for process in recorded) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid, start in recorded if is_alive(pid, start)] == []


@pytest.fixture
def case_environment(tmp_path: Path, pids: Path) -> dict[str, str]:
    """The environment of a case: it leaves its logs in this test's folder."""
    return {**os.environ, "FAULT_PIDS": str(pids), "TMPDIR": str(tmp_path)}


@pytest.fixture
def write_case(tmp_path: Path) -> Callable[[str], Path]:
    """Write a test file with the prelude."""

    def write(body: str, name: str = "test_case.py") -> Path:
        path = tmp_path / name
        path.write_text(PRELUDE + body)
        return path

    return write


@pytest.fixture
def launcher(tmp_path: Path, case_environment: dict[str, str]) -> Callable[..., Outcome]:
    """Run ``python -m hpcpy_testing`` on files, and wait for its end."""

    def run(*files: Path, ranks: str = "2", deadline: float = 60, options=()) -> Outcome:
        junit = tmp_path / "results.xml"
        command = [sys.executable, "-m", "hpcpy_testing", "--ranks", ranks, "--junit", junit]
        command += ["--deadline", str(deadline), *options, *files]
        began = time.monotonic()
        ended = subprocess.run(
            ["timeout", "-k", "5", "100", *command],
            cwd=tmp_path,
            env=case_environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outcome = Outcome(
            code=ended.returncode,
            output=ended.stdout,
            seconds=time.monotonic() - began,
            junit=junit,
        )
        print(outcome.output)
        return outcome

    return run


def is_alive(pid: str, start: str) -> bool:
    """Whether the very process that recorded itself still runs."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z" and fields[19] == start
