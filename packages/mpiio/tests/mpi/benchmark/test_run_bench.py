"""The whole benchmark inside one job: the record, the table, what is left behind."""

import json

import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.benchmark import run_bench as run_module
from hpcpy_mpiio.benchmark.run_bench import run_bench
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def bench(comm, folder):
    """Return a function that runs a small benchmark; options can be given."""

    def bench(**changes):
        options = {
            "size": 32 << 10,
            "transfer": 8 << 10,
            "segments": 4,
            "layouts": ["contiguous", "blocks"],
            "apis": ["collective"],
            "hints": {},
            "fsync": True,
            "reorder": True,
            "drop": True,
            "verify": True,
            "repeats": 2,
            "folder": folder,
            "record": folder / "a.json",
            "plot": None,
        }
        run_bench(comm, **(options | changes))

    return bench


def test_record_and_table(comm, folder, bench, capsys):
    bench(plot=folder / "a.svg")
    comm.Barrier()
    record = json.loads((folder / "a.json").read_text(encoding="utf-8"))
    parallel_assert(comm, record["schema"] == 1 and record["ranks"] == comm.size, record)
    parallel_assert(comm, record["command"] == "hpcpy-mpiio bench", record)
    parallel_assert(comm, record["parameters"]["shift"] == 1, record["parameters"])
    parallel_assert(comm, record["parameters"]["transfer"] == 8 << 10, record["parameters"])
    parallel_assert(comm, record["file_system"]["fcntl_locks"] == "works", record["file_system"])
    found = record["measurements"]
    parallel_assert(comm, [m["operation"] for m in found] == ["write", "read"] * 2, found)
    for measured in found:
        parallel_assert(comm, measured["bytes"] == comm.size << 15, measured)
        rates = measured["bytes_per_second"]
        best = measured["bytes"] / measured["seconds"]["total"]["minimum"]
        parallel_assert(comm, rates["best"] == best >= rates["median"] > 0, measured)
    printed = capsys.readouterr().out
    parallel_assert(comm, ("bandwidth in MB/s" in printed) == (comm.rank == 0), printed)
    left = sorted(path.name for path in folder.iterdir())
    parallel_assert(comm, left == ["a.json", "a.svg"], f"left: {left}")


def test_nothing_is_left_after_an_error(comm, folder, bench, monkeypatch):
    def fail(*_):
        raise error

    error = FileError("the disk broke")
    error.agreed = True
    monkeypatch.setattr(run_module, "measure", fail)
    with parallel_raises(comm, FileError, "broke"):
        bench()
    comm.Barrier()
    parallel_assert(comm, not list(folder.iterdir()), "left behind")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"transfer": 12}, "--transfer 12 does not cut --size 32K"),
        ({"transfer": 24 << 10}, "--transfer 24K does not cut --size 32K"),
        ({"transfer": 64 << 10}, "--transfer 64K does not cut --size 32K"),
        ({"layouts": ["strided"], "segments": 5}, "5 segments"),
        ({"size": 1 << 50, "transfer": None}, "GiB free"),
        ({"record": None, "plot": "a directory"}, "is a directory"),
    ],
    ids=str,
)
def test_refused_before_anything_is_written(comm, folder, bench, monkeypatch, changes, message):
    monkeypatch.delattr(run_module, "measure")
    if "plot" in changes:
        changes = changes | {"plot": folder}
    with parallel_raises(comm, InputError, message):
        bench(**changes)
    comm.Barrier()
    parallel_assert(comm, not list(folder.iterdir()), "left behind")
