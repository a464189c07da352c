"""Compile CUDA C++ for the host, and keep the library in the user's cache."""

import hashlib
import platform
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hpcpy_core.errors import FileError
from hpcpy_core.files.build_once import build_once
from hpcpy_core.find_compiler import require_compiler
from hpcpy_testing.emulated_kernels.call_compiler import call_compiler

__all__ = ["build_kernels", "find_kernels"]

SOURCES = Path(__file__).parent
FLAGS = (
    *("-std=c++17", "-O2", "-fPIC"),
    # A kernel may be called `read`, as a function of the C library is; each library is by itself.
    "-fvisibility=hidden",
    # The switch between fibers is a longjmp to another stack, which the checked one refuses.
    "-U_FORTIFY_SOURCE",
)
KERNEL_FLAGS = (
    *(*FLAGS, "-ffp-contract=off", "-w"),
    "-fsanitize=alignment,bounds,shift,signed-integer-overflow",  # see checks.cpp
)

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
KERNEL = re.compile(
    r'extern\s+"C"\s+__global__\s+void\s+'
    r"(?:__launch_bounds__\s*(\((?:[^()]|\([^()]*\))*\))\s*)?(\w+)\s*\("
)


def find_kernels(code: str) -> dict[str, str]:
    """Return the launch bounds, in parentheses, of each kernel of a source. Local."""
    return {found[2]: found[1] or "()" for found in KERNEL.finditer(COMMENT.sub(" ", code))}


def build_kernels(code: str, options: Sequence[str]) -> Path:
    """Return the shared library of a CUDA source; compile it if that was not done. Local.

    Processes that do so at the same time do not disturb each other.

    Parameters
    ----------
    code
        With kernels that begin ``extern "C" __global__ void``, and without includes.
    options
        Of CUDA's compiler: macros that are defined or undefined are, the rest is dropped.

    Raises
    ------
    InputError
        If there is no C++ compiler.
    HpcpyError
        If it fails.
    FileError
        If the cache cannot be written.
    """
    compiler = require_compiler("C++", "the emulation of CUDA kernels")
    macros = [option for option in options if option.startswith(("-D", "-U"))]
    entries = [f"HOST_KERNEL({name}, {bounds})" for name, bounds in find_kernels(code).items()]
    lines = ['#include "cuda_on_host.hpp"', '#line 1 "kernels.cu"', code, *entries, ""]
    source = "\n".join(lines)
    runtime = _build_runtime(compiler)
    command = [*compiler, *KERNEL_FLAGS, *macros, "-I", str(SOURCES)]

    def make(library: Path) -> None:
        with TemporaryDirectory(prefix="hpcpy-kernels-") as folder:
            path, compiled = Path(folder, "kernels.cpp"), Path(folder, "kernels.o")
            path.write_text(source, encoding="utf-8")
            call_compiler([*command, "-c", str(path), "-o", str(compiled)])
            # Without the flags, which would want the compiler's own library of checks.
            parts = [str(compiled), str(runtime)]
            call_compiler([*compiler, "-shared", *parts, "-o", str(library)])

    return _keep((runtime.name, command, source), ".so", make)


def _build_runtime(compiler: list[str]) -> Path:
    """Return what all kernels are linked with, as an object."""
    files = sorted([*SOURCES.glob("*.hpp"), *SOURCES.glob("*.cpp")])
    command = [*compiler, *FLAGS, "-r", "-nostdlib"]
    identity = (command, [path.read_text(encoding="utf-8") for path in files])
    parts = [str(path) for path in files if path.suffix == ".cpp"]
    return _keep(identity, ".o", lambda made: call_compiler([*command, *parts, "-o", str(made)]))


def _keep(identity: object, suffix: str, make: Callable[[Path], None]) -> Path:
    """Return a file of the cache; make it, as a whole or not at all, if it is not there."""
    name = hashlib.sha256(repr((platform.machine(), identity)).encode()).hexdigest()[:16]
    try:
        return build_once("emulated_kernels", f"{name}{suffix}", make)
    except FileError as error:
        raise FileError(f"{error}. Name a writable folder in XDG_CACHE_HOME") from error
