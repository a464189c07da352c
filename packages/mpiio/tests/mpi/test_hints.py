import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_mpiio.hints import check_hints, hints_in_force, reliable_hints

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize(
    ("vendor", "expected"),
    [("Open MPI", [("collective_buffering", "false")]), ("MPICH", [])],
)
def test_only_open_mpi_needs_a_hint(monkeypatch, vendor, expected):
    monkeypatch.setattr(MPI, "get_vendor", lambda: (vendor, (5, 0, 0)))
    with reliable_hints() as info:
        assert list(info.items()) == expected
    assert info == MPI.INFO_NULL


def test_hints_of_the_caller_are_added_and_win(monkeypatch):
    monkeypatch.setattr(MPI, "get_vendor", lambda: ("Open MPI", (5, 0, 0)))
    with reliable_hints({"collective_buffering": "true", "cb_nodes": "1"}) as info:
        assert dict(info.items()) == {"collective_buffering": "true", "cb_nodes": "1"}


@pytest.mark.parametrize("hints", [None, {}, {"cb_nodes": "1"}])
def test_good_hints_become_a_dictionary(hints):
    assert check_hints(hints) == (hints or {})


@pytest.mark.parametrize(
    "hints",
    [{"cb_nodes": 1}, {1: "1"}, "cb_nodes=1", [("cb_nodes", "1")], {"x" * 999: "1"}],
    ids=["number", "name", "text", "list", "long name"],
)
def test_bad_hints_say_what_good_ones_are(hints):
    with pytest.raises(InputError, match=r"hints .*(striping_factor|characters)"):
        check_hints(hints)


def test_hints_in_force_are_those_that_mpi_tells(folder, comm):
    with reliable_hints() as info:
        file = MPI.File.Open(comm, str(folder / "u.raw"), MPI.MODE_WRONLY | MPI.MODE_CREATE, info)
        told = hints_in_force(file)
        file.Close()
    assert all(isinstance(part, str) for pair in told.items() for part in pair)
    assert ("cb_buffer_size" in told) == (MPI.get_vendor()[0] == "MPICH")
