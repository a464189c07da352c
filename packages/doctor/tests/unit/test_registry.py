import sys
from importlib.metadata import distributions

import pytest

from hpcpy_doctor import registry
from hpcpy_doctor.registry import BUILT_IN, GROUP, load_checks


@pytest.fixture
def load(site_checks, tmp_path, monkeypatch):
    """Return a function that loads all checks, with these entry points beside them."""

    def load(**points):
        folder = site_checks(**points)["PYTHONPATH"].partition(":")[0]
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(sys.modules, "its_checks", raising=False)
        (found,) = distributions(path=[folder])
        checks, broken = load_checks(found.entry_points.select(group=GROUP))
        return [check.name for check in checks if check.name not in BUILT_IN], broken

    return load


def test_a_site_adds_checks_by_a_module_or_by_name(load):
    assert load(licence="its_checks", wait="its_checks:WAIT") == (["licence", "wait"], ())


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("no_such_module", "ModuleNotFoundError"),
        ("its_checks:NONE", "AttributeError"),
        ("its_checks:KIND", "TypeError"),
        ("its_checks:look", "is no Check"),
    ],
)
def test_a_broken_one_is_a_finding_and_the_others_go_on(load, value, error):
    names, (broken,) = load(broken=value, licence="its_checks")
    assert names == ["licence"]
    assert broken.id == "site-check-broken"
    assert f"broken = {value} of its-site" in broken.seen
    assert error in broken.seen
    assert broken.cure == f"{sys.executable} -m pip uninstall its-site"


def test_a_name_that_is_taken_is_refused(load):
    names, (broken,) = load(again="its_checks", licence="its_checks")
    assert names == ["licence"]
    assert "there is a check licence already" in broken.seen


def test_a_built_in_one_that_cannot_be_imported_is_a_finding(monkeypatch):
    monkeypatch.setattr(registry, "BUILT_IN", ("launcher", "gone"))
    checks, (broken,) = load_checks([])
    assert [check.name for check in checks] == ["launcher"]
    assert (broken.id, broken.cure) == ("check-failed", "hpcpy-doctor --skip gone")
