"""What is measured is what was asked for, is labelled honestly, and wrong data stops it."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import FileError
from hpcpy_mpiio.benchmark import measure as measure_module
from hpcpy_mpiio.benchmark.file_system import find_file_system
from hpcpy_mpiio.benchmark.layouts import make_layout
from hpcpy_mpiio.benchmark.measure import Method, measure
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

SIZE = 64 << 10


@pytest.fixture
def run(comm, folder):
    """Return a function that measures two layouts, or those given, with few repeats."""

    def run(names=("contiguous", "columns"), apis=("independent", "collective"), **changes):
        rows, columns = MPI.Compute_dims(comm.size, 2)
        layouts = [make_layout(name, SIZE, 8, (rows, columns), comm.size) for name in names]
        options = {
            "transfer": SIZE,
            "hints": {},
            "fsync": False,
            "drop": False,
            "verify": True,
            "shift": 0,
            "in_memory": False,
            "repeats": 2,
        }
        found = measure(layouts, apis, Method(**(options | changes)), folder, comm)
        parallel_assert(comm, not list(folder.iterdir()), "files are left")
        return found

    return run


def test_every_case_is_measured_as_often_as_asked(comm, run):
    found = run()
    cases = [(m.layout.name, m.api, m.operation) for m in found]
    expected = [
        (name, api, operation)
        for name in ("contiguous", "columns")
        for api in ("independent", "collective")
        for operation in ("write", "read")
    ]
    parallel_assert(comm, cases == expected, cases)
    parallel_assert(comm, all(len(m.repeats) == 2 for m in found), found)
    totals = [phases.total for measured in found for phases in measured.repeats]
    parallel_assert(comm, totals == comm.bcast(totals, root=0), "the ranks' times differ")


@pytest.mark.parametrize("fsync", [False, True])
def test_a_write_is_the_disks_only_if_it_is_synced(comm, run, fsync):
    write, _ = run(["rows"], ["collective"], fsync=fsync)
    parallel_assert(comm, write.cached != fsync, write.source)
    word = "disk: synced" if fsync else "page cache: written without fsync"
    parallel_assert(comm, write.source == word, write.source)


@pytest.mark.parametrize("drop", [False, True])
def test_a_read_is_the_disks_only_if_nothing_was_in_memory(comm, folder, run, drop):
    _, read = run(["rows"], ["collective"], drop=drop)
    forgets = drop and find_file_system(folder).type not in {"tmpfs", "ramfs"}
    parallel_assert(comm, read.cached != forgets, read.source)
    word = "disk: 0%" if forgets else "page cache: 100%"
    parallel_assert(comm, read.source.startswith(word), read.source)


def test_a_file_system_in_memory_has_no_disk(comm, run):
    for measured in run(["rows"], ["collective"], fsync=True, drop=True, in_memory=True):
        parallel_assert(comm, measured.cached, measured.source)
        parallel_assert(comm, measured.source.startswith("memory"), measured.source)


def test_a_shifted_read_takes_another_ranks_block(comm, run, monkeypatch):
    owners = []
    real = measure_module.transfer_file

    def note(operation, path, buffer, layout, rank, comm, **options):
        owners.append((operation, rank))
        return real(operation, path, buffer, layout, rank, comm, **options)

    monkeypatch.setattr(measure_module, "transfer_file", note)
    _, read = run(["strided"], ["independent"], shift=1, repeats=1)
    expected = [("write", comm.rank), ("read", (comm.rank + 1) % comm.size)] * 2
    parallel_assert(comm, owners == expected, owners)
    parallel_assert(comm, read.source.endswith(", read by rank + 1"), read.source)


def test_wrong_items_stop_all_ranks_and_name_the_place(comm, folder, run, monkeypatch):
    """The last rank's part of the file is damaged between the write and the read."""
    real, last, left = (
        measure_module.cached_fraction,
        comm.size - 1,
        folder / "contiguous-collective",
    )

    def damage(path):
        if comm.rank == 0:
            content = np.fromfile(path, np.uint64)
            content[last * SIZE // 8 + 5] = 0
            content.tofile(path)
        comm.Barrier()
        return real(path)

    monkeypatch.setattr(measure_module, "cached_fraction", damage)
    message = (
        rf"layout contiguous, api collective: rank {last} read a wrong item at byte 40 of the "
        rf"block of rank {last}, byte {last * SIZE + 40} of the file: 0, which nobody wrote"
    )
    with parallel_raises(comm, FileError, message):
        run(["contiguous"], ["collective"])
    parallel_assert(comm, left.exists(), "the caller removes the folder")
    comm.Barrier()
    monkeypatch.undo()


def test_wrong_items_pass_without_verify(comm, run, monkeypatch):
    monkeypatch.setattr(measure_module, "fill", lambda buffer, rank: None)
    with parallel_raises(comm, FileError, "nobody wrote"):
        run(["rows"], ["collective"])
    # What was left by the failed run is written over.
    found = run(["rows"], ["collective"], verify=False)
    parallel_assert(comm, len(found) == 2, found)
