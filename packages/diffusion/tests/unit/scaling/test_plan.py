import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.read_parameters import parse_parameters
from hpcpy_diffusion.scaling.plan import count_ranks, plan_cases


def test_strong_cases_are_all_the_same_problem():
    cases = plan_cases(Parameters(outtime=0.5), ["strong"], [1, 2, 4])
    assert [case.ranks for case in cases] == [1, 2, 4]
    assert all(case.parameters == Parameters() for case in cases)
    assert cases[0].overrides == ["dx=0.0667", "runtime=15.0", "outtime=0.0"]


@pytest.mark.parametrize("dx", [0.0667, 1.0, 20 / 47, 3.3])
@pytest.mark.parametrize("ranks", [(1, 2, 3, 4, 7, 64), (2, 6)])
def test_weak_cases_grow_with_the_ranks_and_keep_the_steps(dx, ranks):
    base = Parameters(dx=dx, runtime=3.0, fourier=0.2)
    for case in plan_cases(base, ["weak"], ranks):
        side = base.points * np.sqrt(case.ranks / ranks[0])
        assert abs(case.parameters.points - side) <= 0.5
        assert case.parameters.steps == base.steps


def test_the_job_reads_the_very_problem_from_its_command_line():
    base = Parameters(dx=0.7, x1=-3.0, x2=7.1, D=2.5, runtime=1.3, outtime=0.5)
    text = "x1 = -3.0; x2 = 7.1; dx = 0.7; D = 2.5; runtime = 1.3; outtime = 0.5;"
    for case in plan_cases(base, ["strong", "weak"], [1, 2, 5]):
        read = parse_parameters(text, source="", toml=False, overrides=case.overrides)
        assert read == case.parameters


def test_both_modes_follow_each_other():
    cases = plan_cases(Parameters(), ["strong", "weak"], [1, 2])
    assert list(map(str, cases)) == [
        *("strong, 1 rank", "strong, 2 ranks", "weak, 1 rank", "weak, 2 ranks")
    ]


def test_a_file_cannot_grow():
    base = Parameters(initial="field.npy")
    assert plan_cases(base, ["strong"], [1])
    with pytest.raises(InputError, match=r"initial = field.npy has one size.*--mode strong"):
        plan_cases(base, ["strong", "weak"], [1])


def test_no_step_is_no_measurement():
    with pytest.raises(InputError, match=r"runtime = 0\.001: is shorter than a step"):
        plan_cases(Parameters(runtime=0.001), ["strong"], [1])


def test_ranks_are_counted_in_english():
    assert count_ranks(1) == "1 rank"
    assert count_ranks(3) == "3 ranks"
