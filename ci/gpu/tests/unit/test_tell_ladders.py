import json

import pytest

from tell_ladders import tell_ladders


def row(speed, device="gpu", **ratios):
    return {
        "device": device,
        "speed": {"gcells_per_second": speed, "of_copy": speed / 250, **ratios},
    }


@pytest.fixture
def results(tmp_path):
    def write(name, points, **rungs):
        rungs = {name.replace("_", "-"): figures for name, figures in rungs.items()}
        report = {"rungs": rungs, "copy": row(250.0), "parameters": {"points": points}}
        (tmp_path / f"ladder-{name}.json").write_text(json.dumps(report))

    write("16384-float64-1", 16384, cupy=row(30.0), cupy_raw=row(230.0), cupy_tiled=row(500.0))
    write("16384-float64-2", 16384, cupy_raw=row(215.0), cupy_tiled=row(450.0))
    cpu = row(50.0, "cpu", times_cpu=1.0)
    cpu_row = {"cupy_raw": row(225.0, times_cpu=4.5), "numba-vector x16": cpu}
    write("8192-float64-1", 8192, **cpu_row)
    write("299-float32-1", 299, cupy_resident=row(1000.0))
    return tmp_path


def test_every_report_is_a_row_of_at_most_80_columns(results):
    lines = list(tell_ladders(results))
    assert max(map(len, lines)) <= 80
    assert lines[1].split() == [
        *("grid", "n", "copy", "cupy", "cupy-raw", "cupy-tiled", "cupy-resident")
    ]
    assert [line.split() for line in lines[2:6]] == [
        ["16384", "float64", "2", "250", "-", "215", "(0.86)", "450", "(1.80)", "-"],
        ["16384", "float64", "1", "250", "30", "(0.12)", "230", "(0.92)", "500", "(2.00)", "-"],
        ["8192", "float64", "1", "250", "-", "225", "(0.90)", "-", "-"],
        ["299", "float32", "1", "250", "-", "-", "-", "1000", "(4.00)"],
    ]


def test_two_ranks_are_compared_with_one_and_the_gpu_with_the_cpu(results):
    assert list(tell_ladders(results))[6:] == [
        "2 ranks / 1 rank, 16384 float64: cupy-raw 0.93, cupy-tiled 0.90",
        "CPU, numba-vector x16, 8192: 50.0 Gcell/s; cupy-raw 4.5 times",
    ]


def test_without_reports_there_is_no_table(tmp_path):
    assert list(tell_ladders(tmp_path)) == []
