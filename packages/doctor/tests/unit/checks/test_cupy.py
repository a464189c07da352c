import pytest

from hpcpy_doctor.checks.cupy import look_at_cupy, take_command
from hpcpy_doctor.looks.ask_child import NoAnswerError

ONE = ["cupy-cuda13x 13.6.0"]


@pytest.fixture
def look(make_facts):
    def run(environ=(), **said):
        told = {
            "installed": ONE,
            "devices": 1,
            "anew": "`a`, then `b`",
            "cause": None,
            "cure": None,
            **said,
        }
        (found,) = look_at_cupy((make_facts(environ),), ask=lambda _: told)
        return found

    return run


def test_it_computes(look):
    assert look().seen == "cupy-cuda13x 13.6.0 computes"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"installed": [], "devices": 0, "cause": "no NVIDIA driver", "cure": ""}, None),
        ({"devices": 0, "cause": "no NVIDIA driver", "cure": "x"}, "cupy-without-driver"),
        ({"installed": [], "cause": "not installed", "cure": "`pip`"}, "cupy-not-installed"),
        ({"installed": [*ONE, "cupy 1"], "devices": 0}, "cupy-twice"),
        ({"cause": "cupy is made for CUDA 13.0, ...", "cure": "`pip`"}, "cupy-cannot-compute"),
    ],
)
def test_kinds(look, said, kind):
    assert look(**said).id == kind


def test_all_commands_of_a_sentence_are_one_line(look):
    assert look(installed=["a 1", "b 2"]).cure == "a && b"
    assert take_command("ask an administrator") == "nvidia-smi -L"


def test_a_driver_that_hangs_is_not_waited_for_again(make_facts):
    def ask(module):
        assert module.endswith("ask_driver")
        raise NoAnswerError("no answer in 5 s", hangs=True, heard={})

    (well,) = look_at_cupy((make_facts(),), ask=ask)
    assert well.seen == "not asked, because of the driver: no answer in 5 s"


@pytest.mark.parametrize(("hangs", "kind"), [(True, "cupy-slow"), (False, "cupy-cannot-compute")])
def test_cupy_that_hangs_or_crashes(make_facts, hangs, kind):
    def ask(module):
        if module.endswith("ask_driver"):
            return {}
        heard = {"installed": ONE, "anew": "`pip uninstall x`, then `pip install y`"}
        raise NoAnswerError("as told", hangs=hangs, heard=heard)

    (found,) = look_at_cupy((make_facts(),), ask=ask)
    assert found.id == kind
    assert found.seen == "cupy-cuda13x 13.6.0: as told"
    if not hangs:
        assert found.cure == "pip uninstall x && pip install y"
