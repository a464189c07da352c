"""Every layout and API writes the file that NumPy would, and reads it back."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import FileError
from hpcpy_mpiio.benchmark import transfer as transfer_module
from hpcpy_mpiio.benchmark.access import APIS
from hpcpy_mpiio.benchmark.layouts import LAYOUTS, make_layout
from hpcpy_mpiio.benchmark.transfer import transfer_file
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

ITEMS = 24


@pytest.fixture
def make(comm):
    """Return a function that makes a layout of 24 items a rank, the file's items and ours."""

    def make(name):
        rows, columns = MPI.Compute_dims(comm.size, 2)
        layout = make_layout(name, 8 * ITEMS, 6, (rows, columns), comm.size)
        shape, place = layout.decomposition.shape, layout.decomposition.owned(comm.rank)
        whole = np.arange(1, 1 + ITEMS * comm.size, dtype=np.uint64).reshape(shape)
        own = whole[tuple(map(slice, place.start, place.stop))].reshape(-1).copy()
        return layout, whole, own

    return make


@pytest.mark.parametrize("calls", [1, 4])
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("name", LAYOUTS)
def test_written_as_numpy_would_and_read_back(comm, folder, make, name, api, calls):
    layout, whole, own = make(name)
    path, options = folder / "u", {"api": api, "transfer": 8 * ITEMS // calls, "hints": {}}
    written = transfer_file("write", path, own, layout, comm.rank, comm, **options, fsync=True)
    content = np.fromfile(path, np.uint64)
    parallel_assert(comm, np.array_equal(content, whole.reshape(-1)), f"written: {content}")
    loaded = np.zeros_like(own)
    read = transfer_file("read", path, loaded, layout, comm.rank, comm, **options)
    parallel_assert(comm, np.array_equal(loaded, own), f"read: {loaded}, not {own}")
    for phases in (written, read):
        parts = (phases.open, phases.transfer, phases.sync, phases.close)
        parallel_assert(comm, min(parts) >= 0 and phases.transfer > 0, parts)
        # Each is the slowest rank's, and those may be different ranks.
        parallel_assert(comm, max(parts) <= phases.total <= sum(parts) + 1e-9, phases)


def test_another_ranks_block_can_be_read(comm, folder, make):
    layout, _, own = make("columns")
    options = {"api": "collective", "transfer": 8 * ITEMS, "hints": {}}
    transfer_file("write", folder / "u", own, layout, comm.rank, comm, **options)
    other = (comm.rank + 1) % comm.size
    loaded = np.zeros_like(own)
    transfer_file("read", folder / "u", loaded, layout, other, comm, **options)
    expected = comm.allgather(own)[other]
    parallel_assert(comm, np.array_equal(loaded, expected), f"{loaded}, not {expected}")


def test_hints_reach_mpi(comm, folder, make):
    layout, _, own = make("rows")
    hints = {"cb_buffer_size": "65536"}
    phases = transfer_file(
        *("write", folder / "u", own, layout, comm.rank, comm),
        api="collective",
        transfer=8 * ITEMS,
        hints=hints,
    )
    told = phases.hints.get("cb_buffer_size", "65536")  # Open MPI tells none
    parallel_assert(comm, told == "65536", phases.hints)


def test_missing_file(comm, folder, make):
    layout, _, own = make("rows")
    with parallel_raises(comm, FileError, r"cannot open .*/none"):
        transfer_file(
            *("read", folder / "none", own, layout, comm.rank, comm),
            api="independent",
            transfer=8 * ITEMS,
            hints={},
        )


@pytest.mark.parametrize("api", APIS)
def test_a_truncated_file_or_a_failing_rank_stops_all(comm, folder, make, api, monkeypatch):
    """Open MPI counts items that are not there, so the check is made to find it on one rank."""
    layout, _, own = make("rows")
    real = transfer_module._check_count

    def check(status, wanted):
        real(status, wanted)
        if comm.rank == comm.size - 1:
            raise OSError(f"5 of {wanted} bytes were moved")

    monkeypatch.setattr(transfer_module, "_check_count", check)
    with parallel_raises(comm, FileError, r"cannot write .*: 5 of 48 bytes were moved; check free"):
        transfer_file(
            *("write", folder / "u", own, layout, comm.rank, comm),
            api=api,
            transfer=48,
            hints={},
        )
