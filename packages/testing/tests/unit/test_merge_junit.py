import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from hpcpy_testing.merge_junit import Part, merge_junit, part_of

WRITTEN = """<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="2" failures="1">
<testcase classname="test_x" name="test_a"/>
<testcase classname="test_x" name="test_b"><failure message="no"/></testcase>
</testsuite></testsuites>"""


NONE = '<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="0"/></testsuites>'


def part(path: Path, rank: int, *, empty: bool = False) -> Part:
    return Part(
        file="test_x.py",
        rank=rank,
        size=2,
        path=path,
        where="sub/test_x.py::test_b[1]",
        state="was in test_b when the job ended",
        empty=empty,
    )


def merged(tmp_path: Path, *texts: str | None) -> list[ET.Element]:
    parts = []
    for rank, text in enumerate(texts):
        path = tmp_path / f"part{rank}.xml"
        if text is not None:
            path.write_text(text)
        parts.append(part(path, rank))
    target = tmp_path / "reports" / "all.xml"
    target.parent.mkdir()
    merge_junit(parts, target)
    return list(ET.parse(target).getroot().iter("testcase"))


def test_each_case_names_its_rank(tmp_path):
    cases = merged(tmp_path, WRITTEN, WRITTEN)
    assert [case.get("name") for case in cases] == [
        "test_a [rank 0 of 2]",
        "test_b [rank 0 of 2]",
        "test_a [rank 1 of 2]",
        "test_b [rank 1 of 2]",
    ]
    assert [case.find("failure") is not None for case in cases] == [False, True, False, True]


@pytest.mark.parametrize(
    "text", [None, "", WRITTEN[:90], NONE], ids=["missing", "empty", "cut", "no test"]
)
def test_a_lost_rank_is_an_error_in_the_test_that_it_was_in(tmp_path, text):
    *_, lost = merged(tmp_path, WRITTEN, text)
    assert lost.attrib["classname"] == "sub.test_x"
    assert lost.attrib["name"] == "test_b[1] [rank 1 of 2]"
    error = lost.find("error")
    assert error is not None
    told = "ran no test" if text == NONE else "left "
    assert error.attrib["message"].startswith(f"rank 1 of 2 {told}")
    assert error.attrib["message"].endswith("; it was in test_b when the job ended")


def test_suites_name_file_and_rank_and_count_their_cases(tmp_path):
    merged(tmp_path, WRITTEN, None)
    suites = list(ET.parse(tmp_path / "reports" / "all.xml").getroot())
    assert [suite.get("name") for suite in suites] == [
        "test_x.py, rank 0 of 2",
        "test_x.py, rank 1 of 2",
    ]
    assert [suite.get("tests") for suite in suites] == ["2", "1"]


def test_a_single_rank_keeps_the_name():
    assert part_of(Path("a/x.xml"), 0, 1) == Path("a/x.xml")


def test_ranks_write_parts_of_their_own():
    assert part_of(Path("a/x.xml"), 2, 4) == Path("a/x.rank2.xml")


def test_a_rank_that_had_no_tests_to_run_is_no_error(tmp_path):
    (tmp_path / "x.xml").write_text(NONE)
    merge_junit([part(tmp_path / "x.xml", 0, empty=True)], tmp_path / "all.xml")
    assert list(ET.parse(tmp_path / "all.xml").getroot().iter("testcase")) == []


def test_an_older_file_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "all.xml"
    target.write_text("old")
    with target.open() as old:
        merge_junit([part(tmp_path / "missing", 0)], target)
        assert old.read() == "old"
    assert len(list(ET.parse(target).getroot().iter("testcase"))) == 1
    assert list(tmp_path.iterdir()) == [target]
