from hpcpy_diffusion.ladder.format_table import HEADER, format_ladder


def test_every_rung_is_a_line_of_at_most_80_columns(report):
    report["rungs"]["numba-vector x16"] = {**report["rungs"]["numba"], "warm_up_seconds": 1234.5}
    report["missing"] = {"numba-parallel": "a long word of what it needs " * 4}
    text = format_ladder(report)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    table = lines[lines.index(HEADER) :][:6]
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
