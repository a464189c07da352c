import json

import pytest

from hpcpy_mpiio import bench
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_table_and_record(comm, folder, monkeypatch, capsys):
    monkeypatch.setattr(bench, "SHAPES", {"4 KiB": (32, 16), "1 KiB": (16, 8)})
    record = folder / "bench.json"
    code = bench.main(["--folder", str(folder), "--json", str(record), "--repeats", "8"])
    printed = capsys.readouterr().out
    parallel_assert(comm, code == 0, f"exit code {code}")
    lines = 3 if comm.rank == 0 else 0
    parallel_assert(comm, len(printed.splitlines()) == lines, printed)
    comm.Barrier()
    result = json.loads(record.read_text())
    parallel_assert(comm, result["ranks"] == comm.size, result)
    parallel_assert(comm, result["parameters"] == {"repeats": 8}, result)
    parallel_assert(comm, "processor" in result["machine"] and "date" in result, result)
    for figures in result["seconds"].values():
        names = {f"{way}_{kind}" for way in ("save", "numpy") for kind in ("median", "minimum")}
        parallel_assert(comm, set(figures) == names | {"ratio"}, figures)
        ratio = figures["save_median"] / figures["numpy_median"]
        parallel_assert(comm, figures["ratio"] == ratio > 0, figures)
    left = [path.name for path in folder.iterdir()]
    parallel_assert(comm, left == ["bench.json"], f"left behind: {left}")


def test_too_few_repeats_are_refused_on_every_rank(comm, capsys):
    code = bench.main(["--repeats", "6"])
    parallel_assert(comm, code == 2, f"exit code {code}")
    said = capsys.readouterr().err
    parallel_assert(comm, ("repeats" in said) == (comm.rank == 0), said)
