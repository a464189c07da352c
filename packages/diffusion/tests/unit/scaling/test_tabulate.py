from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.scaling.summarise import summarise_scaling
from hpcpy_diffusion.scaling.tabulate import format_scaling


def tabulate(outcomes, warnings=(), kernel="numba-vector"):
    return format_scaling(
        {
            "parameters": Parameters(dx=1.0).as_dict(),
            "kernel": kernel,
            "repeats": 5,
            "scaling": summarise_scaling(outcomes),
            "warnings": list(warnings),
        }
    )


def test_a_row_has_the_figures(outcome):
    text = tabulate([outcome("strong", 1, [2.0]), outcome("strong", 2, [2.9, 3.0, 3.1])])
    title, head, first, last, halos, note = text.splitlines()
    assert title == "strong scaling: 60 steps, float64, kernel numba-vector, medians of 5"
    assert head.split()[:2] == ["ranks", "dims"]
    assert first.split() == ["1", "1x1", "20", "400", "2", "2", "to", "2", "1.00", "100%", "25%"]
    assert last.split() == [
        "2",
        "2x1",
        "20",
        "200",
        "3",
        "2.95",
        "to",
        "3.05",
        "1.50",
        "75%",
        "25%",
    ]
    assert halos == "exchange, depth of the halo: none, persistent 16"
    assert note == "speed-up is over 1 rank; efficiency is speed-up over the ideal one"


def test_failed_ranks_are_in_the_table(outcome):
    text = tabulate([outcome("strong", 1, [2.0]), outcome("strong", 64, failed="no slots")])
    assert "\n   64  failed\n" in text
    nothing = tabulate([outcome("weak", 2, failed="no slots")], kernel=None)
    assert nothing.splitlines() == [
        *("weak scaling: 60 steps, float64, medians of 5", "    2  failed")
    ]


def test_lines_fit_a_terminal(outcome):
    large = outcome("weak", 16384, [1.23456, 12.3456], points=400_000)
    large.reports[0]["dims"] = [128, 128]
    rows = [outcome("weak", 2**k, [0.00123456]) for k in range(14)]
    text = tabulate([*rows, large], warnings=["with 64 ranks " + 20 * "there are more "])
    assert max(map(len, text.splitlines())) <= 80
    table = [line.split() for line in text.splitlines() if " to " in line]
    assert [len(cells) for cells in table] == 15 * [11]  # no two columns run into each other
    assert "warning: with 64 ranks" in text
