import click
import pytest

from hpcpy_doctor.command import Options, command


def parse(*words):
    return command.main(args=list(words), standalone_mode=False)


def test_the_defaults_are_those_of_the_options():
    assert parse() == Options()


def test_names_are_split_and_have_two_spellings():
    options = parse("--only", "launcher,shared-memory", "--skip", "cores")
    assert options.only == ("launcher", "shared_memory")
    assert options.skip == ("cores",)


def test_all_options():
    words = ["--json", "--strict", "--deadline", "7.5", "--passive", "--color", "never", "--list"]
    assert parse(*words, "--explain", "x") == Options(
        as_json=True, strict=True, deadline=7.5, passive=True, color="never", list=True, explain="x"
    )


@pytest.mark.parametrize("words", [["--deadline", "0"], ["--color", "blue"], ["--no-such"], ["x"]])
def test_bad_input(words):
    with pytest.raises(click.UsageError):
        parse(*words)
