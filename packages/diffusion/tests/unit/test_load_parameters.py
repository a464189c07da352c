import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.load_parameters import load_parameters
from hpcpy_diffusion.parameters import Parameters


def test_the_name_tells_the_format(tmp_path):
    toml, notes = tmp_path / "a.toml", tmp_path / "a.txt"
    toml.write_text("dx = 0.5\nruntime = 2.0\n")
    notes.write_text("dx = 0.5; runtime = 2.0;")
    expected = Parameters(dx=0.5, runtime=3.0)
    assert load_parameters(toml, ["runtime=3"]) == expected
    assert load_parameters(notes, ["runtime=3"]) == expected
    assert load_parameters(None, []) == Parameters()


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match=r"parameter file .*missing\.txt: No such file"):
        load_parameters(tmp_path / "missing.txt", [])
