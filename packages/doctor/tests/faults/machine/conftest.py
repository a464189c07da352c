"""Faults of a machine, made for real in namespaces of their own, and the doctor started in them."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.run_job import run_job

SECONDS = 60
"""Far above what is seen, on a busy machine too."""


DOCTOR = (sys.executable, "-P", "-m", "hpcpy_doctor", "--json", "--passive", "--only")


class Report:
    """What the doctor said, and its findings by their id."""

    def __init__(self, done):
        assert done.stdout.startswith("{"), done.stderr
        self.said = json.loads(done.stdout)
        self.code = done.returncode
        self.found = {
            finding["id"]: finding for check in self.said["checks"] for finding in check["findings"]
        }

    @property
    def faults(self):
        """The ids, without the None of what is well."""
        return set(self.found) - {None}


@pytest.fixture
def examine():
    """Start the doctor, `wrap` around the launch and `inside` around each rank."""

    def start(only, *, ranks=0, wrap=(), inside=(), env=()):
        mpiexec = Mpiexec.find()
        own = [*inside, *DOCTOR, only]
        command = [*wrap, *(mpiexec.command(ranks, own, SECONDS) if ranks else own)]
        environment = {**os.environ, **mpiexec.environment(), **dict(env)}
        done = run_job(command, env=environment, timeout=SECONDS)
        assert not done.timed_out, done.stderr
        assert not done.leftovers
        return Report(done)

    return start


@pytest.fixture
def examine_at_once():
    """Start the doctor alone; what it leaves behind, because it must, is not waited for."""

    def start(only, wrap):
        command = [*wrap, *DOCTOR, only]
        return Report(subprocess.run(command, capture_output=True, text=True, check=False))

    return start


@pytest.fixture
def follow():
    """Do what a cure says, in the place where the fault is; return what it printed."""

    def run(finding, wrap=()):
        done = subprocess.run(
            [*wrap, "sh", "-c", finding["cure"]],
            env={**os.environ, **Mpiexec.find().environment()},  # the cure may start a job
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@contextmanager
def namespace(flags, script):
    """Yield what lets a command run in new namespaces, in which a script of sh has been run."""
    ready = f"set -e; {script}; echo ready; exec sleep {2 * SECONDS}"
    holder = subprocess.Popen(
        ["unshare", *flags, "sh", "-c", ready], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "ready\n"
        # The working directory stays; else nsenter leaves the files of before there.
        yield ["nsenter", f"--target={holder.pid}", *flags, f"--wd={Path.cwd()}"]
    finally:
        holder.kill()
        holder.communicate()


@pytest.fixture
def enter():
    return namespace
