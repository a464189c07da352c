import numpy as np
import pytest

from hpcpy_diffusion.scaling.summarise import list_warnings, summarise_scaling


def test_the_figures_are_those_of_numpy(outcome):
    speeds = {1: (2.0, 2.5, 1.0, 2.25), 2: (3.0, 4.5, 4.0, 1.0), 3: (5.0, 4.0, 6.5, 3.0)}
    rows = summarise_scaling([outcome("strong", n, s) for n, s in speeds.items()])["strong"]["rows"]
    assert [row["ranks"] for row in rows] == [1, 2, 3]
    for row in rows:
        measured = speeds[row["ranks"]]
        figures = row["gcells_per_second"]
        lower, middle, upper = np.percentile(measured, [25, 50, 75])
        assert figures["lower_quartile"] == pytest.approx(lower)
        assert figures["median"] == pytest.approx(middle)
        assert figures["upper_quartile"] == pytest.approx(upper)
        assert figures["repeats"] == 4
        assert row["speedup"] == pytest.approx(middle / np.median(speeds[1]))
        assert row["efficiency"] == pytest.approx(row["speedup"] / row["ranks"])


def test_weak_efficiency_is_that_of_a_rank(outcome):
    outcomes = [outcome("weak", 2, [3.0], points=20), outcome("weak", 6, [7.2], points=35)]
    found = summarise_scaling(outcomes)
    assert list(found) == ["weak"]
    assert found["weak"]["base_ranks"] == 2
    first, last = found["weak"]["rows"]
    assert (first["cells_per_rank"], last["cells_per_rank"]) == (200, 35**2 / 6)
    assert (last["speedup"], last["ideal_speedup"]) == (pytest.approx(2.4), 3)
    assert last["efficiency"] == pytest.approx((7.2 / 6) / (3.0 / 2))


def test_what_failed_is_apart_and_the_next_is_the_base(outcome):
    outcomes = [
        outcome("strong", 1, [9.0], failed="exit code 7"),
        outcome("strong", 2, [2.0], halo=0.1),
        outcome("strong", 4, [3.0], halo=0.5),
        outcome("weak", 1, failed="ended after 3 s"),
    ]
    found = summarise_scaling(outcomes)
    assert found["strong"]["failed"] == {"1": "exit code 7"}
    assert found["strong"]["base_ranks"] == 2
    assert [row["efficiency"] for row in found["strong"]["rows"]] == [1.0, 0.75]
    assert [row["halo_share"] for row in found["strong"]["rows"]] == [0.1, 0.5]
    assert [row["halo_depth"] for row in found["strong"]["rows"]] == [16, 16]
    assert found["weak"] == {"base_ranks": None, "rows": [], "failed": {"1": "ended after 3 s"}}


def test_more_ranks_than_cores_are_said(outcome):
    outcomes = [outcome("strong", n, [1.0]) for n in (1, 2, 3)] + [outcome("weak", 4, [1.0])]
    assert list_warnings(outcomes, 4) == []
    (warning,) = list_warnings(outcomes, 2)
    assert warning.startswith("with 3, 4 ranks there are more ranks than cores (2 a node)")
    assert list_warnings([outcome("strong", 4, [1.0], nodes=2)], 2) == []
    assert list_warnings([outcome("strong", 4, failed="too few slots")], 2) == []
