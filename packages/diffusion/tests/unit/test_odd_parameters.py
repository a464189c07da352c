"""Numbers and texts at the edge of what is one: read, or refused in one message."""

import os
import socket
from pathlib import Path

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion import Parameters
from hpcpy_diffusion.load_parameters import load_parameters
from hpcpy_diffusion.parameters import FIXED
from hpcpy_diffusion.read_parameters import parse_parameters

ODD = (
    *("nan", "inf", "-inf", "1e400", "1e308", "-1e308", "1e-308", "1e-320", "5e-324", "0", "-0"),
    *("1_000", "٣", "½", "1e", "0x10", "", " ", "1 2", "1,5", "true", "None", "1e5000", "9" * 5000),
    *("a\0b", "\udcff", "{}", "[1]", "x" * 100_000, "--", "=", "1=2", "'", '"'),
)


@pytest.mark.parametrize("name", [*Parameters.__dataclass_fields__, "nu", "d", "x" * 10_000, ""])
def test_any_text_is_a_value_or_is_refused_in_few_words(name):
    for value in ODD:
        line, given = f"{name} = {value}\n", [f"{name}={value}"]
        for text, toml, overrides in (("", False, given), (line, True, ()), (line, False, ())):
            words = ""
            try:
                found = parse_parameters(text, source="f", toml=toml, overrides=overrides)
            except InputError as error:
                words = str(error)
            else:
                assert found.steps >= 0
                assert len(found.frame_steps) <= 1e15 + 1e4
            assert len(words) < 600


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"x1": -1e200, "x2": 1e200, "dx": 1e198}, "dx = 1e.198: has a square beyond"),
        ({"x1": 0, "x2": 1e-200, "dx": 1e-202}, "dx = 1e-202: has a square beyond"),
        ({"x1": -1e308, "x2": 1e308, "dx": 1e307}, "x2 = 1e.308: is too far from x1"),
        ({"D": 1e-320}, "D = 1e-320: gives a time step beyond"),
        ({"D": 10**400}, "D = .*: is beyond the range of a float"),
        ({"dx": 1e-320}, "too large"),
        ({"D": True}, "D = True: must be a number"),
        ({"D": "1"}, "D = '1': must be a number"),
        ({"D": [1]}, "must be a number"),
        ({"graphics": 1}, "graphics = 1: is not True or False"),
        ({"initial": 3}, "initial = 3: is not a text"),
        ({"initial": "a\0b.npy"}, "holds characters that cannot be printed"),
        ({"dtype": np.int8}, "dtype = int8: is not float64 or float32"),
        ({"dtype": "float16"}, "dtype = float16: is not"),
        ({"runtime": 1e300}, "needs more than 1e.15 time steps"),
        ({"outtime": 1e-320}, "is shorter than a time step"),
    ],
)
def test_values_beyond_what_arithmetic_holds(values, words):
    with pytest.raises(InputError, match=words):
        Parameters(**values)


def test_numpys_numbers_become_pythons_own():
    given = Parameters(
        dx=np.float32(0.5),
        D=np.int64(2),
        x1=np.array(-10),
        x2=10,
        graphics=np.bool_(True),
        dtype=np.float32,
        initial=Path("a.npy"),
    )
    assert given == Parameters(dx=0.5, D=2.0, graphics=True, dtype="float32", initial="a.npy")
    for name in (*FIXED, "graphics"):
        assert type(getattr(given, name)) in (float, bool, str)


@pytest.mark.parametrize("toml", [True, False])
def test_a_mark_at_the_beginning_is_no_part_of_the_text(tmp_path, toml):
    path = tmp_path / ("case.toml" if toml else "case.txt")
    path.write_bytes(b"\xef\xbb\xbfD = 2.0\n")
    assert load_parameters(path, ()) == Parameters(D=2.0)


@pytest.mark.parametrize(
    ("text", "toml", "words"),
    [
        ("D = " + "[" * 60_000, True, "nested too deep"),
        ("D = " + "{a=" * 60_000, True, "nested too deep"),
        ("D = " + "9" * 5000, True, "D|digits"),
        ("D = 1; D = 2", False, "line 1: D is given already in line 1"),
        ("D = 1\n\n\nD = 2", False, "line 4: D is given already in line 1"),
        ("D = 1\nD = 2", True, "Cannot overwrite"),
        ("D = 1_000", False, "D = '1_000' is not a number"),
        ("D = ١", False, "is not a number"),
        ("D = inf", True, "D = inf: must be a finite number"),
        ("D = 1979-05-27", True, "is not a number"),
        ("\0", False, "is not name = value"),
        ("\0", True, "file f"),
    ],
)
def test_files_that_no_editor_writes(text, toml, words):
    with pytest.raises(InputError, match=words) as refused:
        parse_parameters(text, source="f", toml=toml)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("kind", ["FIFO", "directory", "socket", "character device"])
def test_what_is_no_file_is_never_waited_for(tmp_path, kind, monkeypatch):
    path = tmp_path / "p.txt"
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "socket":
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind("p.txt")
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(InputError, match=rf"p\.txt: not a regular file \(a {kind}\)"):
        load_parameters(path, ())
