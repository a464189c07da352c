"""The demo command where no job is needed; the packages' own tests launch it."""

import click
import pytest

from hpcpy_core import demo
from hpcpy_core.demo import demo_command
from hpcpy_core.examples import Result, list_topics

TOPICS = list_topics("shown", {"First": {"ring": "round a ring", "rows": "by rows"}})
COMMAND = demo_command(TOPICS, "mpiexec -n 3 hpcpy-x demo ring")


def call(*argv):
    return COMMAND.main(args=argv, prog_name="demo", standalone_mode=False)


def test_the_list_has_topics_names_and_what_they_show(capsys):
    assert call("--list") is None
    assert capsys.readouterr().out == "First:\n  ring  round a ring\n  rows  by rows\n"


def test_help_has_a_line_to_try(capsys):
    call("--help")
    words = " ".join(capsys.readouterr().out.split())
    assert "Start it with this environment's mpiexec: mpiexec -n 3 hpcpy-x demo ring." in words


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["rnig"], "there is no example 'rnig': did you mean ring"),
        (["xyzzy"], "there is no example 'xyzzy': --list shows all"),
        ([], "which example"),
    ],
)
def test_what_is_no_example(argv, said):
    with pytest.raises(click.UsageError, match=said):
        call(*argv)


def test_a_name_or_all_is_work():
    assert callable(call("ring"))
    assert callable(call("all"))


def test_wrong_answers_are_told_by_rank():
    results = [
        Result(correct=True),
        Result(correct=False, expected="expected 1, got 2"),
        Result(correct=False, expected="expected 3, got 4"),
    ]
    assert demo._describe_wrong(results) == (
        "ranks 1, 2 of 3: rank 1 expected 1, got 2; rank 2 expected 3, got 4"
    )
    assert demo._describe_wrong(results[:1]) == ""
