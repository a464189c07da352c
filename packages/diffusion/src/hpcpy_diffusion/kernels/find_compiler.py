"""Which compiler there is for a kernel's language. No MPI; starts nothing."""

import os
import shlex
import shutil

__all__ = ["LANGUAGES", "describe_missing", "find_compiler"]

LANGUAGES = {
    "C": ("CC", ("cc", "gcc", "clang")),
    "C++": ("CXX", ("c++", "g++", "clang++")),
    "Fortran": ("FC", ("gfortran",)),  # its options are in fortran_loops; others have their own
}
"""For each language, the variable that names its compiler, and where else to look."""


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
