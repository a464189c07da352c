import pytest

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.machine import Machine
from hpcpy_doctor.process import Process

PLAIN = {
    "host": "node1",
    "pid": 1,
    "launcher": None,
    "variable": None,
    "size": 1,
    "rank": 0,
    "library_path": "/env/lib/libmpi.so.12",
    "library_text": "MPICH Version:      5.0.2\n",
    "cores": (0, 1),
    "clock": 0.0,
    "python": "/env/bin/python",
    "versions": {"python": "3.11.2"},
    "folder": "/work",
    "machine": Machine(boot="b1", core_of=(0, 0), addresses=(("eth0", "10.0.0.1"),)),
    "namespaces": {"user": "user:[1]"},
    "environ": {},
}


@pytest.fixture
def plain_facts():
    """Return a function that makes the facts of one of many processes, or of a single one."""

    def make(rank=0, size=1, **changes):
        launcher = {"launcher": "mpiexec of MPICH (Hydra)", "variable": "PMI_SIZE"}
        told = {**(launcher if size > 1 else {}), "rank": rank, "size": size, "pid": 100 + rank}
        return Facts(**{**PLAIN, **told, **changes})

    return make


@pytest.fixture
def make_kind():
    """Return a function that makes a kind of findings."""

    def make(id="too-cold", level="warning", **changes):
        texts = {
            "title": "It is cold",
            "cause": "Nobody heats.",
            "cure": "heat --to {degrees}",
            "text": "It shows by ice.",
        }
        return Kind(id=id, level=level, **{**texts, **changes})

    return make


@pytest.fixture
def make_check(make_kind):
    """Return a function that makes a check of what it is to find."""

    def make(name="weather", scope="job", run=lambda facts: [Finding.ok("sunny")], **changes):
        told = {"title": name.capitalize(), "kinds": (make_kind(),)}
        return Check(name=name, scope=scope, run=run, **{**told, **changes})

    return make


@pytest.fixture
def dead_process():
    """A process that cannot live: of this machine, with a number that was started elsewhen."""
    own = Process.read()
    return Process(machine=own.machine, pid=own.pid, started=own.started - 1)
