import json

import pytest

from hpcpy_diffusion import bench
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_every_kernel_is_measured_and_written(comm, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(bench, "STEPS", dict.fromkeys(KERNELS, 1))
    path = comm.bcast(tmp_path / "bench.json", root=0)
    code = bench.main(["--repeats", "2", "--json", str(path)])
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        report = json.loads(path.read_text(encoding="utf-8"))
        assert list(report["kernels"]) == list(KERNELS)
        assert report["ranks"] == comm.size
        for figure in report["kernels"].values():
            low, high = figure["gcells_per_second_quartiles"]
            assert 0 < low <= figure["gcells_per_second"] <= high
            assert 0 <= figure["halo_share"] <= 1
        assert len(capfd.readouterr().out.splitlines()) == 1 + len(KERNELS)
