"""Compile a kernel at its first use, and keep it in the user's cache. No MPI."""

import ctypes
import hashlib
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hpcpy_core.errors import FileError, HpcpyError, InputError
from hpcpy_core.find_compiler import LANGUAGES, describe_missing, find_compiler
from hpcpy_core.replacing import replacing
from hpcpy_core.tools import run_tool
from hpcpy_core.user_cache import cache_folder

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
    Processes that compile it at the same time do not disturb each other.

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
        path = cache_folder("kernels") / f"{source.stem}-{name}{suffix}"
        if not path.exists():
            _compile(source, command, path, translate)
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
    source: Path, command: list[str], path: Path, translate: Callable[[Path], None] | None
) -> None:
    """Make the library, as a whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make {path.parent}: {error.strerror or error}") from error
    with TemporaryDirectory(prefix="hpcpy-kernel-") as folder, replacing(path) as temporary:
        if translate is not None:
            translated = Path(folder, f"{source.stem}.c")
            translate(translated)
            source = translated
        run_tool([*command, str(source), "-o", str(temporary)], SECONDS)


def _describe_processor(flags: Sequence[str]) -> str:
    """Return what a library is limited to: homes are shared by machines of several kinds."""
    if "-march=native" in flags:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line for line in lines if line.startswith(("flags", "Features")))
    return platform.machine()
