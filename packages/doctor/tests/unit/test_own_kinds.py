import re
from string import Formatter

import pytest

from hpcpy_doctor.explain import list_kinds
from hpcpy_doctor.registry import BUILT_IN, TAKEN, load_checks

CHECKS, BROKEN = load_checks([])


def test_all_checks_are_there_and_have_the_names_of_their_modules():
    assert BROKEN == ()
    assert [check.name for check in CHECKS] == list(BUILT_IN)
    assert not {*TAKEN} & {*BUILT_IN}


def test_every_kind_has_a_name_of_its_own():
    ids = [kind.id for kind in list_kinds(CHECKS)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", list_kinds(CHECKS), ids=lambda kind: kind.id)
def test_every_kind_says_all_there_is_to_say(kind):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.id)
    assert kind.level in ("note", "warning", "error")
    assert not kind.title.endswith(".")
    assert kind.cause.endswith(".")
    assert kind.text.endswith((".", "`"))
    assert "\n" not in kind.cure
    words = [name for _, name, _, _ in Formatter().parse(kind.cure) if name is not None]
    seen = kind.found("seen", **dict.fromkeys(words, "word"))
    assert seen.cure


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_only_active_checks_have_deadlines(check):
    assert (check.seconds > 0) == (check.scope == "active")
