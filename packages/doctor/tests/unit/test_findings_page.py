"""The documentation of the findings: each can be read where a report's link leads to."""

import re
import runpy
import string
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hpcpy_doctor.explain import list_kinds
from hpcpy_doctor.finding import PAGE
from hpcpy_doctor.registry import GROUP, load_checks

ROOT = Path(__file__).parents[4]
FOLDER = (ROOT / PAGE).parent

CHECKS, BROKEN = load_checks(())
KINDS = list_kinds(CHECKS)

in_repository = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the repository's {PAGE} is not beside this package's tests"
)


def format_anchors(page):
    """Return what links within a page of Markdown may name, as GitHub and MyST make it."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"(?ms)^```.*?^```$", "", page), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@in_repository
def test_the_page_is_what_the_checks_have():
    writer = FOLDER / "write_findings.py"
    wanted = runpy.run_path(str(writer))["format_page"](CHECKS)
    assert BROKEN == ()
    assert (ROOT / PAGE).read_text(encoding="utf-8") == wanted, (
        f"{PAGE} is older than a check: write it anew by `python docs/doctor/{writer.name}`"
    )


@in_repository
def test_the_link_of_each_finding_leads_to_its_heading():
    anchors = format_anchors((ROOT / PAGE).read_text(encoding="utf-8"))
    assert len(anchors) == len(set(anchors))
    assert {kind.id for kind in KINDS} <= set(anchors)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_page_shows_a_cure_and_no_gaps(kind):
    assert not re.search("<(cure|command)>", kind.typical_cure)
    for text in (kind.title, kind.cause, kind.text):
        assert text.strip() == text != ""
        assert not re.search(r"(?<!\$)\{\w+\}", text)  # only in the cure they are filled


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_an_example_is_one_that_the_check_may_give(kind):
    if kind.example:
        fixed = [text for text, *_ in string.Formatter().parse(kind.cure) if text]
        assert all(text in kind.example for text in fixed)


@in_repository
@pytest.mark.parametrize(
    ("host", "found"), [("login3", "our-login-node"), ("node1", None)], ids=["found", "well"]
)
def test_the_example_of_a_sites_own_check_is_loaded_and_works(
    host, found, plain_facts, monkeypatch
):
    monkeypatch.syspath_prepend(FOLDER)
    point = EntryPoint(name="login_node", value="site_check", group=GROUP)
    checks, broken = load_checks([point])
    assert broken == ()
    (finding,) = checks[-1].run(tuple(plain_facts(rank, 4, host=host) for rank in range(4)))
    assert finding.id == found
    assert finding.cure in (None, "srun --partition=compute -n 4 python program.py")
