"""One junit file from the parts that the ranks of several launches wrote."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hpcpy_core.masking import mask_text
from hpcpy_core.replacing import replacing

__all__ = ["Part", "merge_junit", "part_of"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one rank of one launch should have written.

    Attributes
    ----------
    file
        The test file, as the report names it.
    path
        The rank's part; it is missing if the rank was ended.
    where
        The test that the rank was in last: it stands for a part that is missing.
    state
        How the rank came to its end, in words that follow its name.
    empty
        Whether it had no tests to run.
    """

    file: str
    rank: int
    size: int
    path: Path
    where: str
    state: str
    empty: bool = False

    @property
    def who(self) -> str:
        """The rank as each test case names it."""
        return f"rank {self.rank} of {self.size}"


def part_of(junit: Path, rank: int, size: int) -> Path:
    """Return the file that a rank writes instead of ``--junitxml``. Local.

    Ranks that all write one file destroy it; a single rank keeps the name.
    """
    return junit if size == 1 else junit.with_name(f"{junit.stem}.rank{rank}{junit.suffix}")


def merge_junit(parts: Sequence[Part], target: Path) -> None:
    """Write all parts into one file, in which each test case names its rank. Local.

    A rank whose part is missing, broken or without a test gets one test case with an
    ``<error>``, named after the test that it was in.

    Raises
    ------
    FileError
        If the file cannot be written; an older one is then still there.
    """
    root = ET.Element("testsuites")
    for part in parts:
        for suite in _suites(part):
            suite.set("name", f"{part.file}, {part.who}")
            for case in suite.iter("testcase"):
                case.set("name", f"{case.get('name')} [{part.who}]")
            _mask(suite)
            root.append(suite)
    with replacing(target) as temporary:
        ET.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)


def _mask(suite: ET.Element) -> None:
    """Take credentials out of what tests printed, and out of the messages of those that failed."""
    for element in suite.iter():
        element.text = mask_text(element.text) if element.text else element.text
        for name, value in element.items():
            element.set(name, mask_text(value))


def _suites(part: Part) -> list[ET.Element]:
    try:
        suites = list(ET.parse(part.path).getroot().iter("testsuite"))
    except FileNotFoundError:
        return [_error(part, "left no results")]
    except ET.ParseError as error:
        return [_error(part, f"left results that cannot be read ({error})")]
    if not part.empty and not any(suite.find(".//testcase") is not None for suite in suites):
        return [_error(part, "ran no test")]
    return suites


def _error(part: Part, what: str) -> ET.Element:
    suite = ET.Element("testsuite", tests="1", errors="1", failures="0", skipped="0", time="0")
    file, _, test = part.where.partition("::")
    name = {"classname": file.removesuffix(".py").replace("/", "."), "name": test or part.where}
    case = ET.SubElement(suite, "testcase", name, time="0")
    message = f"{part.who} {what}; it {part.state}"
    ET.SubElement(case, "error", message=message).text = message
    return suite
