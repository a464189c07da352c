import pytest

from hpcpy_collectives.compare_demos_summary import format_summary, read_demo, summarise


def test_a_program_prints_sizes_and_figures():
    text = "# MPI Latency Test\n# Size [B]  Latency [us]\n      0      0.52\n   1024   2.25\n\n"
    assert read_demo(text) == {0: 0.52, 1024: 2.25}


def test_runs_that_overlap_agree():
    runs = {
        ("bw", 8): ([10.0, 12.0, 11.0], [12.0, 13.0, 14.0]),
        ("bw", 16): ([10.0, 12.0, 11.0], [12.1, 13.0, 22.0]),
        ("latency", 8): ([0.0, 0.0, 0.0], [0.001, 0.002, 0.003]),
    }
    summary = summarise(runs)
    rows = summary["operations"]["bw"]["sizes"]
    assert (rows["8"]["agree"], rows["16"]["agree"]) == (True, False)
    assert rows["8"]["ratio"] == pytest.approx(13 / 11)
    assert rows["16"]["hpcpy_runs"] == [12.1, 22.0]
    assert summary["operations"]["bw"]["agreeing_sizes"] == 1
    assert summary["operations"]["bw"]["median_ratio"] == pytest.approx(13 / 11)
    assert summary["operations"]["latency"]["median_ratio"] is None


def test_the_table_fits_a_terminal():
    summary = {"mpi": "MPICH 5.0.2", "pairs": 3, **summarise({("bw", 8): ([1.0], [1.0])})}
    text = format_summary(summary)
    assert text.splitlines()[-1].split() == [
        "bw",
        "1.000",
        "1.000",
        "1.000",
        "1",
        "of",
        "1",
        "sizes",
    ]
    assert max(map(len, text.splitlines())) <= 80
