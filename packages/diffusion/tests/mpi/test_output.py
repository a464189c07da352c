import json
import sys

import numpy as np
import pytest

from hpcpy_diffusion import Parameters, run, thin
from hpcpy_diffusion.__main__ import main
from hpcpy_diffusion.gather import gather_field
from hpcpy_diffusion.output import OutputDirectory
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SMALL = ("--set", "dx=1", "--set", "runtime=2")


def prepare_output(path, parameters, comm, *, full=False):
    """Make the folders that a run writes to."""
    if comm.rank == 0:
        (path / "frames").mkdir(parents=True)
    comm.Barrier()
    return OutputDirectory(path, comm, 1 if full else thin.find_stride(parameters.shape))


@pytest.fixture
def directory(comm, tmp_path):
    """Return one directory for all ranks, not yet there."""
    return comm.bcast(tmp_path / "out", root=0)


def test_a_run_writes_field_frames_report_and_pictures(comm, directory, capfd):
    argv = ("run", *SMALL, "--set", "outtime=0.5", "--output", str(directory), "--plot")
    code = main(argv)
    parallel_assert(comm, code == 0, f"exit code {code}")
    if comm.rank == 0:
        names = sorted(p.name for p in directory.iterdir())
        assert names == ["animation.gif", "field.npy", "field.png", "frames", "report.json"]
        assert len(list((directory / "frames").iterdir())) == 5
        report = json.loads((directory / "report.json").read_text(encoding="utf-8"))
        assert report["parameters"]["points"] == 20
        assert report["ranks"] == comm.size
        assert set(report["seconds"]) == {"total", "compute", "halo", "output"}
        assert "Gcell/s" in capfd.readouterr().out
    field = run(Parameters(dx=1.0, runtime=2.0), comm=comm).gather()
    if comm.rank == 0:
        assert np.array_equal(np.load(directory / "field.npy"), field)
        last = sorted((directory / "frames").iterdir())[-1]
        assert np.array_equal(np.load(last), field)


def test_without_outtime_and_plot_there_is_only_the_field(comm, directory):
    main(("run", *SMALL, "--output", str(directory), "--quiet"))
    if comm.rank == 0:
        assert sorted(p.name for p in directory.iterdir()) == ["field.npy", "report.json"]


def test_an_earlier_run_is_kept_or_replaced_as_a_whole(comm, directory, capfd):
    first = (
        "run",
        *SMALL,
        "--set",
        "outtime=0.5",
        "--output",
        str(directory),
        "--plot",
        "--xdmf",
        "--quiet",
    )
    second = ("run", *SMALL, "--output", str(directory), "--quiet")
    parallel_assert(comm, main(first) == 0, "first run")
    parallel_assert(comm, main(second) == 2, "second run")
    if comm.rank == 0:
        assert "holds an earlier run" in capfd.readouterr().err
        assert (directory / "animation.gif").exists()
    parallel_assert(comm, main((*second, "--overwrite")) == 0, "overwriting run")
    if comm.rank == 0:
        left = sorted(p.name for p in directory.rglob("*"))
        assert left == ["field.npy", "frames", "report.json"]


def test_json_is_the_report_and_nothing_else(comm, capfd):
    parallel_assert(comm, main(("run", *SMALL, "--json")) == 0, "exit code")
    printed = capfd.readouterr()
    if comm.rank == 0:
        assert json.loads(printed.out)["command"] == "hpcpy-diffusion run"
    parallel_assert(comm, comm.rank == 0 or printed.out == "", printed.out)
    parallel_assert(comm, printed.err == "", printed.err)


@pytest.mark.parametrize("full", [False, True])
def test_frames_of_large_fields_are_thinned_unless_whole_ones_are_asked_for(
    comm, directory, monkeypatch, full
):
    monkeypatch.setattr(thin, "LARGEST_SIDE", 10)
    parameters = Parameters(dx=1.0, runtime=2.0, outtime=0.5)
    output = prepare_output(directory, parameters, comm, full=full)
    fields = {}

    def on_frame(frame):
        fields[frame.step] = gather_field(frame.block, frame.decomposition, comm)
        output.write_frame(frame)

    result = run(parameters, comm=comm, on_frame=on_frame)
    output.write_result(result, {}, plot=True)
    parallel_assert(comm, len(fields) == 5, f"{list(fields)}")
    if comm.rank == 0:
        stride = 1 if full else 3
        for step, field in fields.items():
            assert np.array_equal(np.load(output.frame(step)), field[::stride, ::stride])
        assert np.load(output.field).shape == (22, 22)
        assert output.animation.stat().st_size > 0


def test_a_picture_without_matplotlib_is_refused_before_the_work(
    comm, directory, capfd, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code = main(("run", *SMALL, "--output", str(directory), "--plot"))
    parallel_assert(comm, code == 2, f"exit code {code}")
    said = capfd.readouterr().err
    right = comm.rank > 0 or said.count("pip install matplotlib") == 1
    parallel_assert(comm, right and not directory.exists(), said)


@pytest.mark.parametrize("full_first", [False, True])
def test_whole_and_thinned_frames_do_not_mix(comm, directory, capfd, monkeypatch, full_first):
    monkeypatch.setattr(thin, "LARGEST_SIDE", 20)
    dt = Parameters(dx=1.0).dt
    grid = ("run", "--quiet", "--kernel", "numpy", "--set", "dx=1")
    argv = (*grid, "--set", f"outtime={2 * dt}", "--output", str(directory), "--resume")
    first, second = (("--full-frames",), ())[:: 1 if full_first else -1]
    code = main((*argv, *first, "--set", f"runtime={2.5 * dt}", "--checkpoint-every", "2"))
    parallel_assert(comm, code == 0, f"exit code {code}")
    code = main((*argv, *second, "--set", f"runtime={4.5 * dt}"))
    parallel_assert(comm, code == 2, f"exit code {code}")
    said = capfd.readouterr().err
    words = "has whole frames" if full_first else "has thinned its frames"
    parallel_assert(comm, comm.rank > 0 or said.count(words) == 1, said)
    code = main((*argv, *first, "--set", f"runtime={4.5 * dt}"))
    parallel_assert(comm, code == 0, f"exit code {code}")
    shapes = {np.load(path, mmap_mode="r").shape for path in directory.glob("frames/*.npy")}
    parallel_assert(comm, shapes == {(22, 22) if full_first else (11, 11)}, f"{shapes}")
