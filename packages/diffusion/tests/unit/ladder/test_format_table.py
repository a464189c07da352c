from hpcpy_diffusion.ladder.format_table import format_ladder


def test_every_rung_is_a_line_of_at_most_80_columns(report):
    report["rungs"]["numba-vector x16"] = {**report["rungs"]["numba"], "warm_up_seconds": 1234.5}
    report["missing"] = {"numba-parallel": "a long word of what it needs " * 4}
    text = format_ladder(report)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    table = lines[2:8]
    assert [line.split()[0] for line in table] == [
        *("kernel", "python", "cpp", "numba", "numba-vector", "copy")
    ]
    ends = [line.rstrip().rfind(" ") for line in table]
    assert len(set(map(len, table))) == 1, ends


def test_figures_stand_under_their_heads(report):
    lines = format_ladder(report).splitlines()
    python, cpp, numba, copy = lines[3:7]
    assert python.split()[:2] == ["python", "3.58e-06"]
    assert python.split()[3:] == ["2.98e-07", "2.98e-08", "2*", "0.25"]
    assert cpp.split()[:3] == ["cpp", "(yardstick)", "12"]
    assert numba.split()[1] == "59.9"
    assert numba.split()[3:] == ["5", "0.5", "13410", "0.25"]
    assert copy.split()[3:] == ["1", "13410", "0.25"]
    assert numba.index("13410") == copy.index("13410")


def test_the_problem_stands_above(report):
    assert format_ladder(report).startswith("299 x 299 points, 13410 steps, float64, 1 rank\n")
    report["ranks"] = 2
    assert format_ladder(report).startswith("299 x 299 points, 13410 steps, float64, 2 ranks\n")


def test_a_gpus_table_has_the_cpus_speed_as_its_yardstick(gpu_report):
    lines = format_ladder(gpu_report).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == ("299 x 299 points, 13410 steps, float64, 1 rank, NVIDIA H100 80GB HBM3")
    assert " ".join(lines[2].split()) == "kernel Gcell/s IQR x cpu of copy steps warm-up s"
    cupy, raw, tiled, cpu, copy = lines[3:8]
    assert cupy.split()[:2] == ["cupy", "15"]
    assert raw.split()[3:] == ["20", "1.79", "13410", "0.25"]
    assert tiled.split()[0] == "cupy-tiled"
    assert cpu.startswith("CPU: numba-vector x16")
    assert cpu.split()[3:] == ["3", "0.61", "1", "0.0893", "13410", "0.25"]
    assert copy.split()[3:] == ["1", "13410", "0.25"]
    assert len(set(map(len, lines[2:8]))) == 1
