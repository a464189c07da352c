import json

import pytest

from hpcpy_core.selection import select
from hpcpy_diffusion.benchmark import compare_ranks
from hpcpy_diffusion.benchmark.compare_ranks import OnRootOnly
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_one_rank_works_and_all_know_how_long(comm):
    asked = []

    def case(steps):
        asked.append(steps)
        return 0.5

    seconds = OnRootOnly(case=case, comm=comm)(3)
    parallel_assert(comm, seconds == 0.5)
    parallel_assert(comm, asked == ([3] if comm.rank == 0 else []))


def test_all_ranks_are_compared_with_one(comm, tmp_path, capfd):
    path = comm.bcast(tmp_path / "ranks.json", root=0)
    argv = ["notes", "--kernel", "numba", "--seconds", "0.001", "--repeats", "2"]
    code = compare_ranks.main([*argv, "--json", str(path)])
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank:
        return
    report = json.loads(path.read_text(encoding="utf-8"))
    ways = [f"{comm.size} ranks, {exchange}" for exchange in ("persistent", "shared")]
    speeds = {name: row["speed"] for name, row in report["cases"].items()}
    assert list(speeds) == ["1 rank", *ways]
    assert speeds["1 rank"]["ratio"] == 1.0
    assert report["ratio"] == max(speeds[way]["ratio"] for way in ways)
    for speed in speeds.values():
        alone = speeds["1 rank"]["gcells_per_second"]
        assert speed["ratio"] == pytest.approx(speed["gcells_per_second"] / alone)
    assert (report["kernel"], report["repeats"], report["ranks"]) == ("numba", 2, comm.size)
    assert capfd.readouterr().out.count("Gcell/s") == 3


def test_an_unwritable_report_is_refused_before_the_work(comm, tmp_path, capfd):
    select("auto", "auto", comm)
    path = comm.bcast(tmp_path / "missing" / "a.json", root=0)
    code = compare_ranks.main(["notes", "--json", str(path)])
    parallel_assert(comm, code == 2)
    parallel_assert(comm, ("error: --json" in capfd.readouterr().err) == (comm.rank == 0))
