from hpcpy_doctor.explain import list_kinds
from hpcpy_doctor.fold import FOLLOWS, KEY_CHECKS, choose_first, find_cause
from hpcpy_doctor.merge import Section, merge
from hpcpy_doctor.registry import BUILT_IN, TAKEN, load_checks


def section(*findings):
    return Section(name="x", title="X", found=merge([(None, findings)]))


def test_all_kinds_and_checks_are_ones_that_there_are():
    ids = {kind.id for kind in list_kinds(load_checks(())[0])}
    assert {*FOLLOWS, *(id for causes in FOLLOWS.values() for id in causes)} <= ids
    assert set(KEY_CHECKS) <= {*BUILT_IN, *TAKEN}


def test_what_follows_has_a_cause_that_was_found(make_kind):
    dies = make_kind("launch-dies", "error", cure="x").found("y")
    assert find_cause(dies, ["threads-not-set", "foreign-launcher", "mpi-init-dies"]) == (
        "foreign-launcher"
    )
    assert find_cause(dies, ["threads-not-set"]) is None


def test_errors_come_before_warnings_and_what_follows_is_no_cure(make_kind):
    def kind(id, level, cure):
        return make_kind(id, level, cure=cure).found("seen")

    warning = kind("a", "warning", "warm")
    note = kind("n", "note", "note")
    foreign = kind("foreign-launcher", "error", "start")
    dies = kind("launch-dies", "error", "again")
    others = [kind(f"e{number}", "error", f"mend {number}") for number in (1, 1, 2, 3)]
    assert choose_first([section(note)]) == []
    assert choose_first([section(note), section(warning)]) == ["warm"]
    assert choose_first([section(warning), section(foreign), section(dies)]) == ["start"]
    assert choose_first([section(one) for one in others]) == ["mend 1", "mend 2", "mend 3"]
