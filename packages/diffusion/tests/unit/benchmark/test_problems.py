from hpcpy_diffusion.benchmark.problems import LARGE, NOTES, as_options
from hpcpy_diffusion.read_parameters import parse_parameters


def test_the_grids_are_those_of_the_documentation():
    assert (NOTES.points, NOTES.steps) == (299, 13410)
    assert (LARGE.points, LARGE.steps) == (4099, 512)


def test_options_give_the_same_problem():
    words = as_options(LARGE)
    assert words[::2] == ["--set", "--set"]
    assert parse_parameters("", source="", toml=False, overrides=words[1::2]) == LARGE
