import pytest

from hpcpy_collectives.yardstick_summary import (
    PROGRAMS,
    TARGETS,
    Times,
    format_summary,
    read_lines,
    summarise,
)


def text(scale):
    lines = [f"{name} {block * scale:.9g}" for name in TARGETS for block in (3, 1, 2)]
    return "\n".join(lines) + "\n"


def times(library):
    found = Times(own_bench=5e-6)
    for program, scale in zip(PROGRAMS, (1e-6, 2e-6, 2e-6, 3.2e-6), strict=True):
        read_lines(found, program, text(scale))
    extra = f"library {library}\nlatency-8-pickle 9e-06\noverhead-allreduce 1.2e-08\n"
    read_lines(found, "python-multiple", extra)
    return found


def test_ratios_are_those_of_neighbouring_runs_least_disturbed_blocks():
    summary = summarise(times("Open MPI 5.0.11"))
    for case in summary["cases"].values():
        assert case["ratio"] == pytest.approx({"single": 2.0, "multiple": 1.6, "plain": 3.2})
        assert case["seconds"]["python-single"] == 2e-6
    assert summary["cases"]["allreduce-8"]["target"] == 1.9
    assert summary["overhead"] == {"allreduce": 1.2e-8}
    assert summary["pickle"] == {"latency-8-pickle": 9e-6}


def test_targets_are_those_of_the_library():
    assert summarise(times("MPICH 5.0.2"))["cases"]["allreduce-8"]["target"] == 2.6
    assert summarise(times("Other 1.0"))["cases"]["allreduce-8"]["target"] is None


def test_the_table_is_80_columns():
    for line in format_summary(summarise(times("MPICH 5.0.2"))).splitlines():
        assert len(line) <= 80, line


def test_a_machine_that_changes_its_pace_does_not_change_the_ratio():
    found = times("MPICH 5.0.2")
    for pace in (1, 10):
        for program, scale in zip(PROGRAMS, (1e-6, 2e-6, 2e-6, 3.2e-6), strict=True):
            read_lines(found, program, text(scale * pace))
    assert summarise(found)["cases"]["latency-8"]["ratio"]["single"] == pytest.approx(2.0)
