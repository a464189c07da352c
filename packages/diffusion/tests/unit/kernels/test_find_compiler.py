"""Which compiler is found."""

import pytest

from hpcpy_diffusion.kernels.find_compiler import LANGUAGES, describe_missing, find_compiler


@pytest.fixture(params=LANGUAGES)
def language(request, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(LANGUAGES[request.param][0], raising=False)
    return request.param


def install(path):
    path.touch(mode=0o755)
    return path


def test_the_usual_names_are_tried_in_turn(language, tmp_path):
    _, usual = LANGUAGES[language]
    assert find_compiler(language) is None
    assert describe_missing(language) == f"a {language} compiler"
    for name in reversed(usual):
        install(tmp_path / name)
        assert find_compiler(language) == [name]


def test_the_variable_goes_first_and_may_have_options(language, tmp_path, monkeypatch):
    variable, usual = LANGUAGES[language]
    install(tmp_path / usual[0])
    own = install(tmp_path / "own")
    monkeypatch.setenv(variable, f"{own} -m64")
    assert find_compiler(language) == [str(own), "-m64"]
    monkeypatch.setenv(variable, "  ")
    assert find_compiler(language) == [usual[0]]


def test_a_named_compiler_that_is_not_there_is_not_passed_over(language, tmp_path, monkeypatch):
    variable, usual = LANGUAGES[language]
    install(tmp_path / usual[0])
    monkeypatch.setenv(variable, "icpx -fast")
    assert find_compiler(language) is None
    assert (
        describe_missing(language) == f"a {language} compiler ({variable}=icpx -fast is not found)"
    )
