"""The facts of processes as a launcher, a library and a machine might make them."""

from dataclasses import replace

import pytest

from hpcpy_core.launch import read_announcement
from hpcpy_doctor.facts import collect_facts

MPICH = "MPICH Version:      5.0.2\nMPICH configure:    --with-device=ch4:ucx,ofi\n"
OPEN_MPI = "Open MPI v5.0.11, package: Open MPI user@localhost Distribution, ident: 5.0.11"


@pytest.fixture(scope="session")
def collected():
    """Those of this process; what a test does not speak of is as it is here."""
    return collect_facts({})


@pytest.fixture
def make_facts(collected):
    """Return a function that makes the facts of a process from its variables, and changes some."""

    def make(environ=(), **changes):
        environ = dict(environ)
        announced = read_announcement(environ)
        told = {
            "host": "node1",
            "launcher": announced.launcher if announced else None,
            "variable": announced.variable if announced else None,
            "size": announced.size if announced else 1,
            "rank": announced.rank if announced else 0,
            "library_path": "/env/lib/libmpi.so.12",
            "library_text": MPICH,
            "cores": (0, 1, 2, 3),
            "environ": environ,
        }
        return replace(collected, **{**told, **changes})

    return make


@pytest.fixture(params=["MPICH", "Open MPI"])
def library(request):
    """The text of each MPI's library."""
    return {"MPICH": MPICH, "Open MPI": OPEN_MPI}[request.param]


@pytest.fixture
def mpich():
    return MPICH


@pytest.fixture
def open_mpi():
    return OPEN_MPI
