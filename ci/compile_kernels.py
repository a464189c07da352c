"""Compile every CUDA kernel of the packages for GPUs of today, without a GPU.

Usage: python ci/compile_kernels.py [FILE.cu ...]

The compiler is NVRTC, of the wheel nvidia-cuda-nvrtc: the one that CuPy calls when the kernels
run. A kernel file names what is to be compiled of it in lines such as

    variants: ITEM=float32,float64 INPUTS=1,2

which is every combination of these values of these macros; without such a line it is compiled
once. A kernel fails, too, if the compiler warns, or keeps variables of threads in memory. What
it includes by name is found beside it.
"""

import ctypes
import os
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, distribution
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHEEL = "nvidia-cuda-nvrtc"
ARCHITECTURES = ("sm_80", "sm_90")
OPTIONS = ("-std=c++17", "-fmad=false", "-Werror=all-warnings", "-Xptxas=-v")
VARIANTS = re.compile(r"^[\s/*]*variants:(.*)$", re.MULTILINE)
SPILLS = re.compile(r"[1-9]\d* bytes (stack frame|spill stores|spill loads)")


class Compiler:
    """NVRTC. Its methods may be called in several threads."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))

    def compile(self, path: Path, options: list[str]) -> str | None:
        """Compile a kernel file to machine code, and return what is wrong with it, or None."""
        program = ctypes.c_void_p()
        created = self._library.nvrtcCreateProgram(
            ctypes.byref(program), path.read_bytes(), path.name.encode(), 0, None, None
        )
        if created:
            return f"nvrtcCreateProgram returned {created}"
        words = [*options, *OPTIONS, f"-I{path.parent}"]
        given = (ctypes.c_char_p * len(words))(*(word.encode() for word in words))
        result = self._library.nvrtcCompileProgram(program, len(words), given)
        log = self._log(program)
        self._library.nvrtcDestroyProgram(ctypes.byref(program))
        if result:
            return log or f"nvrtcCompileProgram returned {result}"
        if found := SPILLS.search(log):
            return f"variables are kept in memory: {found[0]}"
        return None

    def _log(self, program: ctypes.c_void_p) -> str:
        size = ctypes.c_size_t()
        self._library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        text = ctypes.create_string_buffer(size.value)
        self._library.nvrtcGetProgramLog(program, text)
        return text.value.decode().strip()


def find_library() -> Path:
    """Return NVRTC's library in this environment."""
    try:
        files = distribution(WHEEL).files or []
    except PackageNotFoundError:
        sys.exit(f"{WHEEL} is not installed: nox -s kernels installs and calls it")
    found = next(file for file in files if re.fullmatch(r"libnvrtc\.so\.\d+", file.name))
    return Path(str(found.locate()))


def list_variants(source: str) -> list[list[str]]:
    """Return the compiler's options of all variants of a kernel file."""
    variants = []
    for line in VARIANTS.findall(source):
        macros = re.findall(r"(\w+)=(\S+)", line)
        values = ([f"-D{name}={value}" for value in many.split(",")] for name, many in macros)
        variants += [list(options) for options in product(*values)]
    return variants or [[]]


def find_failures(compiler: Compiler, paths: list[Path]) -> Iterator[str]:
    """Compile all variants of all kernel files; print a line for each file, yield what fails."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path in paths:
            start = time.perf_counter()
            cases = [
                [f"-arch={architecture}", *options]
                for architecture, options in product(ARCHITECTURES, list_variants(path.read_text()))
            ]
            said = list(pool.map(lambda case, path=path: compiler.compile(path, case), cases))
            failed = [(case, text) for case, text in zip(cases, said, strict=True) if text]
            seconds = time.perf_counter() - start
            name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            print(f"{name}: {len(cases) - len(failed)} of {len(cases)} compiled, {seconds:.1f} s")
            yield from (f"{name} {' '.join(case)}\n{text}" for case, text in failed)


if __name__ == "__main__":
    kernels = [Path(name).resolve() for name in sys.argv[1:]]
    kernels = kernels or sorted(ROOT.glob("packages/*/src/**/*.cu"))
    failures = list(find_failures(Compiler(find_library()), kernels))
    print("\n".join(failures[:5]))
    sys.exit(1 if failures else 0)
