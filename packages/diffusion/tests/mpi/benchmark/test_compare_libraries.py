import json

import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_core.selection import select
from hpcpy_diffusion.benchmark import compare_libraries
from hpcpy_diffusion.benchmark.libraries import Library
from hpcpy_diffusion.ladder.time_run import TimedRun
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


class Wrong:
    """Another field than that of `timed`."""

    def __init__(self, timed, error):
        self.timed, self.error = timed, error

    def whole(self, steps):
        return self.timed.whole(steps) + self.error


class Other:
    """A library that is our own solver with another kernel, and may be wrong."""

    name, version, installed = "other", "1.0", True

    def __init__(self, comm, error):
        self.comm, self.error = comm, error

    def prepare(self, parameters):
        selection = select("auto", "auto", self.comm)
        timed = TimedRun(parameters=parameters, comm=self.comm, selection=selection, kernel="numpy")
        return Wrong(timed, self.error) if self.error else timed


@pytest.fixture
def alone(comm):
    part = comm.Split(comm.rank)
    yield part
    part.Free()


def compare(comm, monkeypatch, error):
    absent = Library(name="absent", module="in_it", needs="no_such_package")
    monkeypatch.setattr(compare_libraries, "LIBRARIES", (Other(comm, error), absent))
    return compare_libraries.compare_libraries(
        comm,
        select("auto", "auto", comm),
        Parameters(dx=1.0),
        kernel="numba",
        seconds=0.001,
        repeats=2,
    )


def test_a_library_is_checked_and_timed_beside_ours(comm, alone, monkeypatch):
    found = compare(alone, monkeypatch, 0.0)
    ours, other = (found["cases"][name]["speed"] for name in ("hpcpy numba", "other"))
    ratio = ours["gcells_per_second"] / other["gcells_per_second"]
    parallel_assert(comm, other["ours_is_faster"] == pytest.approx(ratio))
    parallel_assert(comm, ours["ours_is_faster"] == 1.0)
    parallel_assert(comm, found["missing"] == ["absent"])
    parallel_assert(comm, found["library_versions"] == {"other": "1.0"})
    parallel_assert(comm, bool(json.dumps(found)))


def test_a_library_that_solves_something_else_is_not_timed(comm, alone, monkeypatch):
    with pytest.raises(HpcpyError, match="other is wrong and was not timed: after 8 steps"):
        compare(alone, monkeypatch, 1e-9)


def test_several_ranks_are_refused(comm, monkeypatch, capfd):
    monkeypatch.setattr(compare_libraries, "LIBRARIES", ())
    code = compare_libraries.main(["notes", "--seconds", "0.001", "--repeats", "1"])
    parallel_assert(comm, code == (2 if comm.size > 1 else 0), f"exit code {code}")
    said = "error: the libraries run in one process" in capfd.readouterr().err
    parallel_assert(comm, said == (comm.size > 1 and comm.rank == 0))
