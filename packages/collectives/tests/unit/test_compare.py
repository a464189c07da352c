import json

import pytest

from hpcpy_collectives.compare import compare, compare_measurements
from hpcpy_core.errors import InputError


def row(op, size, median, unit="s"):
    return {"op": op, "api": "buffer", "size": size, "unit": unit, "median": median}


def write(path, *rows, **changes):
    report = {"schema": 1, "command": "hpcpy-collectives bench", "measurements": rows, **changes}
    path.write_text(json.dumps(report), encoding="utf-8")
    return path


def run(*argv):
    """Return the exit code; the command ends with SystemExit where it is not 0."""
    try:
        compare.main([str(value) for value in argv], standalone_mode=False)
    except SystemExit as left:
        return left.code
    return 0


def test_ratios_are_cost_over_cost():
    old = {
        ("latency", "buffer", 8): row("latency", 8, 1.0),
        ("bw", "buffer", 8): row("bw", 8, 4.0, "B/s"),
    }
    new = {
        ("latency", "buffer", 8): row("latency", 8, 1.5),
        ("bw", "buffer", 8): row("bw", 8, 2.0, "B/s"),
    }
    latency, bandwidth = compare_measurements(old, new, 0.6)
    assert (latency.ratio, latency.regression) == (1.5, False)
    assert (bandwidth.ratio, bandwidth.regression) == (2.0, True)


@pytest.mark.parametrize(("now", "code"), [(0.5, 0), (1.0, 0), (1.09, 0), (1.11, 1)])
def test_the_tolerance_decides(tmp_path, capsys, now, code):
    a = write(tmp_path / "a.json", row("latency", 8, 1.0))
    b = write(tmp_path / "b.json", row("latency", 8, now))
    assert run(a, b) == code
    shown = capsys.readouterr().out
    assert shown.count("REGRESSION") == code
    assert f"{code} of 1 worse by more than 10%" in shown


def test_a_wider_tolerance(tmp_path):
    a = write(tmp_path / "a.json", row("latency", 8, 1.0))
    b = write(tmp_path / "b.json", row("latency", 8, 1.4))
    assert run(a, b, "--tolerance", "0.5") == 0


def test_new_operations_are_left_out(tmp_path, capsys):
    a = write(tmp_path / "a.json", row("latency", 8, 1.0))
    b = write(tmp_path / "b.json", row("latency", 8, 1.0), row("bcast", 8, 1.0))
    assert run(a, b) == 0
    assert "bcast" not in capsys.readouterr().out


def test_lines_are_80_columns_at_most(tmp_path, capsys):
    a = write(tmp_path / "a.json", row("ireduce_scatter", 1 << 30, 1.0))
    b = write(tmp_path / "b.json", row("ireduce_scatter", 1 << 30, 2.0))
    assert run(a, b) == 1
    assert all(len(line) <= 80 for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "has schema 2, but this version reads schema 1"),
        ({"command": "hpcpy-diffusion run"}, "is not a report of hpcpy-collectives bench"),
        ({"measurements": []}, "holds no measurements"),
        ({"measurements": [{"op": "latency"}]}, "lacks a figure (KeyError('api'))"),
        ({"measurements": [row("latency", 8, 0.0)]}, "one that is not above 0"),
        ({"measurements": [row("bw", 8, 1.0)]}, "lacks 1 of the 1 measurements of the first"),
    ],
)
def test_refused_in_one_message(tmp_path, capsys, change, words):
    a = write(tmp_path / "a.json", row("latency", 8, 1.0))
    b = write(tmp_path / "b.json", **{"measurements": [row("latency", 8, 1.0)], **change})
    assert run(a, b) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("error: ") == 1
    assert words in told.err


@pytest.mark.parametrize(
    ("text", "words"), [(None, "No such file"), ("{", "is not JSON"), ("[]", "is not a report")]
)
def test_files_that_are_no_report(tmp_path, capsys, text, words):
    path = tmp_path / "b.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert run(path, path) == 2
    assert words in capsys.readouterr().err


def test_missing_ones_are_named_sorted():
    old = {(op, "buffer", 1024): row(op, 1024, 1.0) for op in ("reduce", "bcast")}
    with pytest.raises(InputError, match="such as bcast buffer 1K, reduce buffer 1K"):
        compare_measurements(old, {}, 0.1)


def test_other_ranks_of_a_job_stay_silent(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PMI_SIZE", "2")
    monkeypatch.setenv("PMI_RANK", "1")
    assert run(tmp_path / "a.json", tmp_path / "b.json") == 0
    assert capsys.readouterr() == ("", "")
