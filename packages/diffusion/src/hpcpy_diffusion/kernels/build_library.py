"""Compile a kernel at its first use, and keep it in the user's cache. No MPI."""

import ctypes
import hashlib
import platform
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from hpcpy_core.errors import FileError, HpcpyError, InputError
from hpcpy_core.files.build_once import build_once
from hpcpy_core.find_compiler import LANGUAGES, describe_missing, find_compiler
from hpcpy_core.tools import run_tool

__all__ = ["build_library", "damaged", "open_library"]

SECONDS = 300
"""After which a compiler is ended; it takes a few."""


def build_library(
    source: Path,
    language: str,
    flags: Sequence[str],
    *,
    suffix: str = ".so",
    translate: Callable[[Path], None] | None = None,
    translator: str = "",
) -> Path:
    """Return the shared library of a source file; compile it if that was not done. Local.

    Its name tells source, flags, compiler and, with ``-march=native``, processor apart.
    It is kept as `hpcpy_core.files.build_once` says.

    Parameters
    ----------
    source
        Beside its kernel.
    language
        Of `hpcpy_core.find_compiler`.
    flags
        Of the compiler, beyond those that make a shared library.
    suffix
        Of the library.
    translate
        Writes the C that the compiler gets instead of `source`, to the path given.
    translator
        Name and version of what does so.

    Raises
    ------
    InputError
        If there is no compiler.
    HpcpyError
        If it fails.
    FileError
        If the cache cannot be written.
    """
    compiler = find_compiler(language)
    if compiler is None:
        raise InputError(f"{source.name} needs {describe_missing(language)}")
    command = [*compiler, *flags, "-shared", "-fPIC"]
    try:
        version = run_tool([*compiler, "--version"], SECONDS)
        identity = repr((command, version, suffix, translator, _describe_processor(flags)))
        name = hashlib.sha256(identity.encode() + source.read_bytes()).hexdigest()[:16]
        make = partial(_compile, source, command, translate)
        path = build_once("kernels", f"{source.stem}-{name}{suffix}", make)
    except FileError as error:
        raise FileError(f"{error}. Name a writable folder in XDG_CACHE_HOME") from error
    except HpcpyError as error:
        variable, _ = LANGUAGES[language]
        raise HpcpyError(
            f"cannot compile {source.name}: {error}. "
            f"Name another {language} compiler in {variable}, or choose another kernel"
        ) from error
    return path


def open_library(path: Path) -> ctypes.CDLL:
    """Load a library that `build_library` has returned. Local.

    Raises
    ------
    FileError
        If it is damaged, or lies where programs may not be run from.
    """
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> FileError:
    """Return the error for a library that cannot be loaded. Local."""
    return FileError(
        f"cannot load {path}: {error}. Remove it, or name another folder in XDG_CACHE_HOME"
    )


def _compile(
    source: Path, command: list[str], translate: Callable[[Path], None] | None, path: Path
) -> None:
    """Make the library."""
    if translate is not None:
        translated = path.with_name(f"{source.stem}.c")
        translate(translated)
        source = translated
    run_tool([*command, str(source), "-o", str(path)], SECONDS)


def _describe_processor(flags: Sequence[str]) -> str:
    """Return what a library is limited to: homes are shared by machines of several kinds."""
    if "-march=native" in flags:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line for line in lines if line.startswith(("flags", "Features")))
    return platform.machine()
