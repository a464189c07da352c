import pytest
from mpi4py import MPI

from hpcpy_mpiio.hints import reliable_hints

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
