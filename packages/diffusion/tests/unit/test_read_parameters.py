import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.read_parameters import LARGEST_FILE, parse_parameters, read_parameters

NOTES = (
    "D = 1.0; x1 = -10.0; x2 = 10.0; runtime = 15.0; dx = 0.0667; outtime = 0.5; graphics = False;"
)
TOML = "D = 2\nx1 = 0.0\nx2 = 1.0\ndx = 0.01\ngraphics = true\ninitial = 'mode'\n"


def parse(text, *overrides, toml=False):
    return parse_parameters(text, source="file", toml=toml, overrides=overrides)


def test_the_notes_own_file():
    assert parse(NOTES) == Parameters(outtime=0.5)


def test_the_notes_format_over_several_lines_with_comments():
    text = "# the case\nD = 2.0;  // faster\n\nx1 = 0; x2 = 1\n dx=0.01 ; graphics = True"
    assert parse(text) == Parameters(D=2.0, x1=0.0, x2=1.0, dx=0.01, graphics=True)


def test_toml():
    expected = Parameters(D=2.0, x1=0.0, x2=1.0, dx=0.01, graphics=True, initial="mode")
    assert parse(TOML, toml=True) == expected


def test_overrides_win_and_the_last_of_them():
    assert parse(NOTES, "dx=1", "D = 3", "dx=2", "outtime=0") == Parameters(dx=2.0, D=3.0)


def test_nothing_given_is_the_notes_case():
    assert parse("") == Parameters()


@pytest.mark.parametrize(
    ("text", "toml", "words"),
    [
        ("nu = 1.0;", False, "file, line 1: unknown parameter 'nu'; known are D, x1"),
        ("x1 = 0;\nruntme = 1;", False, "file, line 2: unknown parameter 'runtme'; did you mean"),
        ("D = one;", False, "file, line 1: D = 'one' is not a number"),
        ("D = ;", False, "file, line 1: 'D =' is not name = value"),
        ("D 1.0", False, "file, line 1: 'D 1.0' is not name = value"),
        ("graphics = 3;", False, "graphics = '3' is not True or False"),
        ("D = __import__('os').getpid();", False, "is not a number"),
        ("D = 'one'", True, "D = 'one' is not a number"),
        ("D = true", True, "D = True is not a number"),
        ("graphics = 1", True, "graphics = 1 is not True or False"),
        ("initial = 3", True, "initial = 3 is not a text"),
        ("[grid]\ndx = 1.0", True, "unknown parameter 'grid'"),
        ("D = ", True, "parameter file file: Invalid value"),
        ("D = 1" + "0" * 400, True, "is not a number"),
    ],
)
def test_what_cannot_be_read_is_named(text, toml, words):
    with pytest.raises(InputError) as refused:
        parse(text, toml=toml)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("dx", "--set dx: write it as name=value"),
        ("dx=abc", "--set: dx = 'abc' is not a number"),
        ("dz=1", "--set: unknown parameter 'dz'"),
        ("initial=", "--set: initial = '' is not a text"),
    ],
)
def test_overrides_that_cannot_be_read_are_named(override, words):
    with pytest.raises(InputError) as refused:
        parse(NOTES, override)
    assert words in str(refused.value)


def test_nothing_is_executed(tmp_path):
    trace = tmp_path / "executed"
    with pytest.raises(InputError):
        parse(f"D = open({str(trace)!r}, 'w');")
    assert not trace.exists()


def test_a_file_is_read_as_text(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text(NOTES)
    assert read_parameters(path) == NOTES
    assert read_parameters(None) == ""


def test_files_that_cannot_be_read_are_named(tmp_path):
    binary, large = tmp_path / "binary", tmp_path / "large"
    binary.write_bytes(b"\xff\xfe\x00")
    large.write_bytes(b"#" * (LARGEST_FILE + 1))
    for path, words in (
        (tmp_path / "missing", "No such file"),
        (tmp_path, r"not a regular file \(a directory\)"),
        (binary, "not a text file"),
        (large, "larger than"),
    ):
        with pytest.raises(InputError, match=words):
            read_parameters(path)
