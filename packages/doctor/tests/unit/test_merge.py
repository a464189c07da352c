import pytest

from hpcpy_doctor.finding import Finding
from hpcpy_doctor.merge import Merged, Section, count_levels, decide_code, format_ranks, merge


@pytest.fixture
def cold(make_kind):
    return make_kind().found("3 degrees", degrees=20)


def test_equal_findings_are_said_once_and_the_worst_comes_first(cold):
    sunny = Finding.ok("sunny")
    found = merge([(0, [sunny]), (1, [sunny, cold]), (2, [sunny]), (3, [cold, cold])])
    assert found == (
        Merged(finding=cold, ranks=(1, 3)),
        Merged(finding=sunny, ranks=(0, 1, 2)),
    )


def test_findings_that_differ_stay_apart(make_kind):
    found = merge([(rank, [make_kind().found(f"{rank} degrees", degrees=20)]) for rank in (0, 1)])
    assert [one.ranks for one in found] == [(0,), (1,)]


def test_what_is_of_the_whole_job_has_no_ranks(cold):
    assert merge([(None, [cold])]) == (Merged(finding=cold, ranks=()),)


@pytest.mark.parametrize(
    ("ranks", "text"),
    [
        ([3], "rank 3"),
        ([0, 1, 2, 3], "ranks 0-3"),
        ([7, 0, 2, 1, 5], "ranks 0-2, 5, 7"),
        ([1, 1, 2], "ranks 1-2"),
    ],
)
def test_ranks_are_short(ranks, text):
    assert format_ranks(ranks) == text


@pytest.mark.parametrize(
    ("levels", "strict", "code"),
    [
        ([], True, 0),
        (["ok", "note"], True, 0),
        (["ok", "warning"], False, 0),
        (["ok", "warning"], True, 1),
        (["warning", "error"], False, 2),
        (["warning", "error"], True, 2),
    ],
)
def test_the_exit_code_and_the_counts(levels, strict, code):
    sections = [
        Section(name="x", title="X", found=(Merged(finding=Finding(level=level, seen="")),))
        for level in levels
    ]
    assert decide_code(sections, strict=strict) == code
    assert {level for level, count in count_levels(sections).items() if count} == set(levels)
