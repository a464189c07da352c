"""Which compiler is found."""

import pytest

from hpcpy_core.errors import InputError
from hpcpy_core.find_compiler import (
    LANGUAGES,
    describe_missing,
    find_compiler,
    require_compiler,
)


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


def test_who_needs_it_is_told_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CXX", "icpx")
    with pytest.raises(
        InputError,
        match=r"^a kernel needs a C\+\+ compiler \(CXX=icpx is not found\): name yours by CXX, or "
        r"install one with `apt-get install g\+\+`",
    ):
        require_compiler("C++", "a kernel")


def test_who_needs_it_gets_it(tmp_path, monkeypatch):
    own = tmp_path / "own c++"
    own.touch(mode=0o755)
    monkeypatch.setenv("CXX", f"'{own}' -m64")
    assert require_compiler("C++", "a kernel") == [str(own), "-m64"]
