"""The pages of docs/ show every example, each once, in teaching order."""

import re
from pathlib import Path

import pytest

from hpcpy_collectives.examples import TOPICS

PAGES = Path(__file__).parents[4] / "docs" / "collectives"
INCLUDED = re.compile(r"^```\{mpi-example\} collectives (\w+)$", re.MULTILINE)

pytestmark = pytest.mark.skipif(
    not PAGES.is_dir(), reason="docs/ is in the repository only, not in the packages"
)


def read_pages():
    """Return the text of every page in the order of the table of contents."""
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    (toctree,) = re.findall(
        r"^```\{toctree\}\n:hidden:\n\n(.*?)```", index, re.DOTALL | re.MULTILINE
    )
    return {"index": index} | {
        name: (PAGES / f"{name}.md").read_text(encoding="utf-8") for name in toctree.split()
    }


def test_every_example_is_shown_once_in_teaching_order():
    shown = [name for text in read_pages().values() for name in INCLUDED.findall(text)]
    assert shown == [example.name for topic in TOPICS.values() for example in topic]


def test_every_page_is_in_the_table_of_contents():
    assert {f"{name}.md" for name in read_pages()} == {path.name for path in PAGES.glob("*.md")}


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_every_page_ends_with_exercises(page):
    *_, last = re.findall(r"^## (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert last == "Exercises"
    exercises = page.read_text(encoding="utf-8").partition("## Exercises\n")[2]
    assert len(re.findall(r"^\d\. ", exercises, re.MULTILINE)) in (2, 3)
