"""Which compiler there is for a language. No MPI; starts nothing."""

import os
import shlex
import shutil

from hpcpy_core.errors import InputError

__all__ = ["LANGUAGES", "describe_missing", "find_compiler", "require_compiler"]

LANGUAGES = {
    "C": ("CC", ("cc", "gcc", "clang")),
    "C++": ("CXX", ("c++", "g++", "clang++")),
    "Fortran": ("FC", ("gfortran",)),  # others have other options
}
"""For each language, the variable that names its compiler, and where else to look."""

PACKAGES = {"C": "gcc libc6-dev", "C++": "g++", "Fortran": "gfortran"}
"""Of Debian."""


def find_compiler(language: str) -> list[str] | None:
    """Return the command that compiles a language, or None. Local.

    It may have several words, as in ``CXX='ccache g++'``. A variable that names what
    is not there is not passed over: the user wants that one.
    """
    variable, usual = LANGUAGES[language]
    named = shlex.split(os.environ.get(variable, ""))
    if named:
        return named if shutil.which(named[0]) else None
    return next(([name] for name in usual if shutil.which(name)), None)


def describe_missing(language: str) -> str:
    """Return what is missing where `find_compiler` returns None. Local."""
    variable, _ = LANGUAGES[language]
    named = os.environ.get(variable, "").strip()
    return f"a {language} compiler" + (f" ({variable}={named} is not found)" if named else "")


def require_compiler(language: str, what: str) -> list[str]:
    """Return the command that compiles a language. Local.

    Parameters
    ----------
    language
        One of `LANGUAGES`.
    what
        For the message: what needs the compiler.

    Raises
    ------
    InputError
        If there is none: it says how to install one.
    """
    command = find_compiler(language)
    if command is None:
        variable, _ = LANGUAGES[language]
        raise InputError(
            f"{what} needs {describe_missing(language)}: name yours by {variable}, or install "
            f"one with `apt-get install {PACKAGES[language]}` or as your system does it"
        )
    return command
