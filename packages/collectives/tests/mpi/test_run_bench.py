import json
import os
from pathlib import Path

import pytest

from hpcpy_collectives.read_report import COMMAND, read_measurements, read_report
from hpcpy_collectives.run_bench import run_bench
from hpcpy_core.errors import FileError, InputError
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

OPTIONS = {
    "ops": ("allreduce", "barrier", "ialltoallv"),
    "apis": ("buffer", "pickle"),
    "sizes": (1, 8, 16384),
    "iterations": 20,
    "warmup": 2,
    "validate": True,
    "form": None,
    "output": None,
    "plot": None,
    "device": "auto",
    "transport": "auto",
}


def test_the_report_is_whole(comm, tmp_path, capfd):
    path = comm.bcast(tmp_path / "bench.json", root=0)
    picture = path.with_suffix(".png")
    run_bench(comm, **{**OPTIONS, "output": path, "plot": picture})
    told = capfd.readouterr()
    if comm.rank:
        assert told == ("", "")
        return
    report = read_report(path)
    assert report["ranks"] == comm.size
    assert report["command"] == COMMAND
    assert report["transport"]["name"] == "host"
    assert sum(report["surroundings"]["placement"].values()) == comm.size
    assert report["surroundings"]["thread_level"] in ("single", "multiple")
    assert isinstance(report["surroundings"]["hints"], dict)
    assert 0 < report["reduction_seconds_per_byte"] < 1e-6
    expected = {("barrier", "buffer", 0), *(("ialltoallv", "buffer", n) for n in (1, 8, 16384))}
    expected |= {("allreduce", api, n) for api in ("buffer", "pickle") for n in (8, 16384)}
    assert read_measurements(path).keys() == expected
    assert {m["iterations"] for m in report["measurements"]} == {20, 2}
    assert all(m["verified"] for m in report["measurements"])
    assert len(told.out.splitlines()) == 1 + len(expected)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("form", "first"), [("json", "{"), ("csv", "op,api,size,unit,average")])
def test_other_formats_are_all_that_is_printed(comm, capfd, form, first):
    run_bench(comm, **{**OPTIONS, "sizes": (8,), "form": form})
    told = capfd.readouterr().out
    if comm.rank == 0:
        assert told.startswith(first)
        assert form != "json" or json.loads(told)["ranks"] == comm.size


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ops": ("ibcast",), "apis": ("pickle5",)}, "no ibcast of its own for --api pickle5"),
        ({"ops": ("reduce",), "sizes": (1, 2)}, "adds 4-byte floats"),
        ({"device": "gpu"}, "--device gpu: "),
        ({"transport": "staged"}, "--transport staged moves device arrays"),
    ],
)
def test_refusals_are_agreed(comm, changes, words):
    with parallel_raises(comm, InputError, match=words) as caught:
        run_bench(comm, **{**OPTIONS, **changes})
    parallel_assert(comm, caught.error.agreed)


def test_point_to_point_needs_two_ranks(comm):
    alone = comm.Split(comm.rank)
    try:
        with parallel_raises(comm, InputError, match="latency needs 2 ranks, but the job has 1"):
            run_bench(alone, **{**OPTIONS, "ops": ("latency",)})
    finally:
        alone.Free()


def test_unwritable_output_is_refused_before_the_work(comm, tmp_path, monkeypatch):
    monkeypatch.setattr("hpcpy_collectives.run_bench.measure", None)
    missing = comm.bcast(tmp_path / "missing", root=0)
    for option, name in (("output", "a.json"), ("plot", "a.png")):
        with parallel_raises(comm, InputError, match=f"--{option} .*cannot be written") as caught:
            run_bench(comm, **{**OPTIONS, option: missing / name})
        parallel_assert(comm, caught.error.agreed)


def test_one_rule_for_what_the_report_replaces(comm, tmp_path):
    """A link is followed, a device and a pipe are written to, a private file stays private."""
    folder = comm.bcast(tmp_path, root=0)
    receiving, sending = os.pipe()
    if comm.rank == 0:
        (folder / "link.json").symlink_to("real.json")
        (folder / "real.json").write_text("old")
        (folder / "real.json").chmod(0o600)
    few = {**OPTIONS, "ops": ("barrier",), "apis": ("buffer",), "form": "csv"}
    for path in (folder / "link.json", Path("/dev/null"), Path(f"/dev/fd/{sending}")):
        run_bench(comm, **{**few, "output": path})
    with parallel_raises(comm, FileError, match="cannot write /dev/full: No space left"):
        run_bench(comm, **{**few, "output": Path("/dev/full")})
    os.close(sending)
    with os.fdopen(receiving) as pipe:
        written = pipe.read()
    if comm.rank:
        assert written == ""
        return
    assert Path("/dev/null").is_char_device()
    assert (folder / "link.json").is_symlink()
    assert (folder / "real.json").stat().st_mode & 0o777 == 0o600
    for text in (written, (folder / "real.json").read_text()):
        assert text.startswith("op,api,size,unit,average")
    assert len(list(folder.iterdir())) == 2
