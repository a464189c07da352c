import click
import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_core.run_alone import run_alone


@click.command("look")
@click.argument("what")
def look(what):
    """Look."""
    if what == "missing":
        raise InputError("no such file")
    if what == "damaged":
        raise FileError("it is damaged")
    return {"invalid": 1}.get(what)


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["file"], 0, ""),
        (["invalid"], 1, ""),
        (["damaged"], 1, "error: it is damaged\n"),
        (["missing"], 2, "error: no such file\n"),
        (["--help"], 0, ""),
    ],
)
def test_exit_codes_and_messages(capsys, argv, code, said):
    assert run_alone(look, argv) == code
    assert capsys.readouterr().err == said


def test_bad_usage_is_told_with_the_way_to_help(capsys):
    assert run_alone(look, []) == 2
    assert "Usage: look" in capsys.readouterr().err
