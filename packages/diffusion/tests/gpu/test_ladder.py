"""The ladder of a GPU, from its command line."""

import json

import pytest

from hpcpy_core.cli import run_command
from hpcpy_diffusion.kernels import GPU_KERNELS
from hpcpy_diffusion.ladder_command import ladder
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_kernel_is_right_and_has_a_figure(comm, tmp_path, rehearsed, dtype):
    path = comm.bcast(tmp_path / "ladder.json", root=0)
    seconds = "0.0001" if rehearsed else "0.01"
    problem = ["--set", "dx=0.8", "--set", f"dtype={dtype}", "--seconds", seconds]
    how = ["--device", "gpu", "--transport", "staged", "--kernels", ",".join(GPU_KERNELS)]
    code = run_command(ladder, [*problem, *how, "--json", str(path)], lambda: comm)
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        report = json.loads(path.read_text(encoding="utf-8"))
        assert report["left_out"] == {}
        assert list(report["rungs"]) == list(GPU_KERNELS)
        (difference,) = {row["difference"] for row in report["rungs"].values()}
        # The reference is Python's floats, which have no float32.
        assert difference == 0.0 if dtype == "float64" else difference < 1e-6
        for row in (*report["rungs"].values(), report["copy"]):
            assert row["speed"]["gcells_per_second"] > 0
