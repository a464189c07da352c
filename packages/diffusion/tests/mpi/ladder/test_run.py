import json

import pytest

from hpcpy_core.cli import run_command
from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_diffusion.kernels.gpu.device_slices import SliceSweep
from hpcpy_diffusion.kernels.kernel import Kernel
from hpcpy_diffusion.ladder import measure_rungs, run
from hpcpy_diffusion.ladder_command import ladder
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SMALL = ["--set", "dx=0.4", "--seconds", "0.001"]
FEW = [
    name for name in ("python", "numpy", "cpp", "numba", "numba-vector") if KERNELS[name].installed
]


@pytest.fixture
def call(comm, tmp_path):
    """Give options; get exit code and the folder, the same on all ranks."""
    folder = comm.bcast(tmp_path, root=0)

    def call(*options):
        return run_command(ladder, [*SMALL, *options], lambda: comm), folder

    return call


def test_every_kernel_is_checked_measured_drawn_and_written(comm, call, tmp_path, capfd):
    folder = comm.bcast(tmp_path, root=0)
    path, picture = folder / "ladder.json", folder / "ladder.png"
    options = ["--kernels", ",".join(FEW), "--threads", "1,2"]
    code, _ = call(*options, "--json", str(path), "--plot", str(picture))
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank:
        return
    report = json.loads(path.read_text(encoding="utf-8"))
    assert (report["schema"], report["ranks"]) == (1, comm.size)
    names = [n for name in FEW for n in ([name, f"{name} x2"] if KERNELS[name].threads else [name])]
    assert list(report["rungs"]) == names
    for row in [*report["rungs"].values(), report["copy"]]:
        speed, seconds = row["speed"], row["seconds"]
        assert 0 < speed["lower_quartile"] <= speed["gcells_per_second"] <= speed["upper_quartile"]
        updates = 1e-9 * 50**2 * row["steps"]
        assert speed["gcells_per_second"] * seconds["median"] == pytest.approx(updates)
        assert seconds["repeats"] == report["repeats"] == 5
        assert 1 <= row["steps"] <= report["parameters"]["steps"]
        assert row["scaled"] == (row["steps"] < report["parameters"]["steps"])
    assert {row["difference"] for row in report["rungs"].values()} == {0.0}
    assert picture.read_bytes().startswith(b"\x89PNG")
    said = capfd.readouterr().out
    assert said.count("numba-vector x2") == ("numba-vector" in FEW)
    assert "Not installed" not in said


def test_what_is_wrong_with_the_call_is_said_before_any_work(comm, call, monkeypatch, capfd):
    monkeypatch.setattr(run, "measure_rungs", None)
    for options, words in (
        (["--json", "{}/missing/a.json"], "--json"),
        (["--plot", "{}/missing/a.png"], "--plot"),
        (["--set", "runtime=0"], "runtime = 0: no time step, nothing to time"),
        (["{}/missing.txt"], "parameter file"),
        (["--device", "gpu", "--kernels", "numpy"], "kernel numpy computes on a CPU, and this la"),
        (["--device", "cpu", "--kernels", "cupy"], "kernel cupy computes on a GPU, and this ladde"),
    ):
        _, folder = call("--help")
        code, _ = call(*(word.format(folder) for word in options))
        parallel_assert(comm, code == 2, f"{options}: {code}")
        said = capfd.readouterr().err
        parallel_assert(comm, said.count(f"error: {words}") == (comm.rank == 0), said)


def test_a_kernel_that_is_not_installed_is_refused_where_it_was_asked_for(
    comm, call, monkeypatch, capfd
):
    monkeypatch.setattr(run, "measure_rungs", None)
    absent = [name for name, kernel in KERNELS.items() if not kernel.installed]
    for name in absent:
        code, _ = call("--kernels", f"python,{name}")
        parallel_assert(comm, code == 2)
        said = capfd.readouterr().err
        parallel_assert(comm, (f"error: kernel {name} needs" in said) == (comm.rank == 0), said)
    parallel_assert(comm, len(absent) < len(KERNELS))


def test_a_wrong_kernel_is_not_timed(comm, call, monkeypatch, capfd):
    monkeypatch.setattr(measure_rungs, "measure_ladder", None)
    right = KERNELS["numpy"].load()

    def wrong(u, out, r):
        right(u, out, r)
        out[1:-1, 1] = 0.5

    real = type(KERNELS["numpy"]).load
    monkeypatch.setattr(
        type(KERNELS["numpy"]),
        "load",
        lambda self, threads=1: wrong if self.name == "numpy" else real(self, threads),
    )
    code, _ = call("--kernels", "python,numpy")
    parallel_assert(comm, code == 1, f"exit code {code}")
    said = capfd.readouterr().err
    wrong_said = "error: kernel numpy is wrong and was not timed: after 1 steps on 41 x 41 points"
    parallel_assert(comm, (wrong_said in said) == (comm.rank == 0), said)


@pytest.fixture
def small_sweep(gpu, monkeypatch):
    """Every kernel is a GPU's first one; cupy-resident has room for 44 x 44 points only."""

    def load_sweep(kernel):
        def make_sweep(shape, dtype):
            if kernel.name == "cupy-resident" and max(shape) > 44:
                raise InputError(f"cupy-resident has no room for {shape[0]} x {shape[1]} points")
            return SliceSweep()

        return make_sweep

    monkeypatch.setattr(Kernel, "load_sweep", load_sweep)


ON_GPU = ["--device", "gpu", "--transport", "staged"]


def test_a_gpus_kernels_are_measured_beside_the_cpu_and_a_copy(
    comm, call, small_sweep, monkeypatch, capfd, tmp_path
):
    path, picture = (comm.bcast(tmp_path, root=0) / name for name in ("a.json", "a.svg"))
    monkeypatch.setattr(run, "count_cores", lambda comm: 2)
    kernels = ["cupy", "cupy-resident", *(["numba-vector"] if "numba-vector" in FEW else [])]
    options = ["--kernels", ",".join(kernels)]
    code, _ = call(*ON_GPU, *options, "--json", str(path), "--plot", str(picture))
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank:
        return
    report = json.loads(path.read_text(encoding="utf-8"))
    assert (report["device"]["kind"], report["transport"]["name"]) == ("gpu", "staged")
    assert list(report["left_out"]) == ["cupy-resident"]
    assert "no room for" in report["left_out"]["cupy-resident"]
    rungs = report["rungs"]
    assert list(rungs) == ["cupy", *(["numba-vector x2"] if len(kernels) == 3 else [])]
    assert {row["difference"] for row in rungs.values()} == {0.0}
    cupy, copy = rungs["cupy"]["speed"], report["copy"]
    assert copy["nbytes"] == 2 * comm.size * (1 << 16)
    assert cupy["of_copy"] == pytest.approx(
        cupy["gcells_per_second"] / copy["speed"]["gcells_per_second"]
    )
    assert "emulated GPU 0" in picture.read_text(encoding="utf-8")
    said = capfd.readouterr()
    assert "Left out:\ncupy-resident   cupy-resident has no room for" in said.out
    assert "x cpu" in said.out
    assert "emulated GPU 0" in said.out.splitlines()[0]


def test_a_gpus_ladder_without_any_rung_says_why(comm, call, small_sweep, capfd):
    code, _ = call(*ON_GPU, "--kernels", "cupy-resident")
    parallel_assert(comm, code == 2, f"exit code {code}")
    said = capfd.readouterr().err
    parallel_assert(
        comm, said.count("error: cupy-resident has no room for") == (comm.rank == 0), said
    )


def test_a_wrong_kernel_of_a_gpu_is_not_timed(comm, call, small_sweep, monkeypatch, capfd):
    monkeypatch.setattr(measure_rungs, "measure_ladder", None)
    right = SliceSweep.__call__

    def wrong(self, u, out, r, region, steps):
        right(self, u, out, r, region, steps)
        out[region.first[0], region.first[1]] = 0.5

    monkeypatch.setattr(SliceSweep, "__call__", wrong)
    code, _ = call(*ON_GPU, "--kernels", "cupy")
    parallel_assert(comm, code == 1, f"exit code {code}")
    said = capfd.readouterr().err
    words = "error: kernel cupy is wrong and was not timed: after 1 steps on 41 x 41 points"
    parallel_assert(comm, (words in said) == (comm.rank == 0), said)
