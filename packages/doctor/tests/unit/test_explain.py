import pytest

from hpcpy_core.errors import InputError
from hpcpy_doctor.explain import explain, format_list, list_kinds
from hpcpy_doctor.own_kinds import OWN_KINDS


@pytest.fixture
def kinds(make_check):
    return list_kinds([make_check()])


def test_all_kinds_are_listed(kinds):
    assert [kind.id for kind in kinds] == ["too-cold", *(kind.id for kind in OWN_KINDS)]
    lines = list(format_list(kinds))
    assert lines[0].split(maxsplit=2) == ["too-cold", "warning", "It is cold"]
    assert len(lines) == len(kinds)


@pytest.mark.parametrize("id", ["too-cold", "Too_Cold"])
def test_a_kind_is_explained(kinds, id):
    text = "\n".join(explain(id, kinds))
    for part in (
        "too-cold (warning): It is cold",
        "Nobody heats.",
        "heat --to <degrees>",
        "shows by ice",
    ):
        assert part in text
    assert "docs/" not in text  # whoever has installed a wheel has none


def test_a_sites_own_page_is_named(make_check, make_kind):
    kind = make_kind(page="https://hpc.example.org/doctor")
    text = "\n".join(explain("too-cold", list_kinds([make_check(kinds=(kind,))])))
    assert "https://hpc.example.org/doctor#too-cold" in text


def test_an_unknown_one_is_refused_with_those_that_look_like_it(kinds):
    with pytest.raises(InputError, match=r"--explain to-cold: .* did you mean too-cold\?"):
        list(explain("to-cold", kinds))
    with pytest.raises(InputError, match="--list names all"):
        list(explain("zzzzzz", kinds))
