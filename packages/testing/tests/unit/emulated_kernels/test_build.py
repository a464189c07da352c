"""Sources become libraries, once."""

import os
import subprocess
import sys
import tempfile

import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_core.find_compiler import require_compiler
from hpcpy_testing.emulated_kernels import build
from hpcpy_testing.emulated_kernels.build import build_kernels, find_kernels

SOURCE = 'extern "C" __global__ void add(int *x) { x[0] += STEP; }\n'


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    return tmp_path


@pytest.fixture
def cache(empty_cache, monkeypatch):
    """An empty cache for kernels; what they are linked with is in the user's."""
    with monkeypatch.context() as outside:
        outside.delenv("XDG_CACHE_HOME")
        runtime = build._build_runtime(require_compiler("C++", "this test"))
    monkeypatch.setattr(build, "_build_runtime", lambda compiler: runtime)
    return empty_cache


def test_kernels_are_found_with_their_bounds():
    code = """
    // extern "C" __global__ void comment(int)
    extern "C" __global__ void plain (int *x) {}
    extern "C" __global__ void __launch_bounds__(32 * (WARPS + 1), 2)
    bound(int n) {}
    __device__ void helper(int n) {}
    """
    assert find_kernels(code) == {"plain": "()", "bound": "(32 * (WARPS + 1), 2)"}


def test_it_is_compiled_once(cache, monkeypatch):
    library = build_kernels(SOURCE, ["-DSTEP=1"])
    assert library.is_relative_to(cache)
    written = library.stat().st_mtime_ns
    assert build_kernels(SOURCE, ["-DSTEP=1", "-fmad=false"]) == library
    assert library.stat().st_mtime_ns == written
    assert build_kernels(SOURCE, ["-DSTEP=2"]) != library
    assert build_kernels(SOURCE + "\n", ["-DSTEP=1"]) != library
    assert len(list(library.parent.iterdir())) == 3


def test_another_emulation_is_another_library(cache, monkeypatch):
    first = build_kernels(SOURCE, ["-DSTEP=1"])
    other = cache / "other.o"
    other.write_bytes(build._build_runtime([]).read_bytes())
    monkeypatch.setattr(build, "_build_runtime", lambda compiler: other)
    assert build_kernels(SOURCE, ["-DSTEP=1"]) != first


def test_what_kernels_are_linked_with_is_compiled_once(empty_cache, monkeypatch):
    runtime = build._build_runtime(require_compiler("C++", "this test"))
    assert runtime.is_relative_to(empty_cache)
    monkeypatch.setenv("PATH", "")
    assert build._build_runtime(["c++"]) == runtime


def test_a_refused_source_names_its_line_and_leaves_nothing(cache):
    with pytest.raises(HpcpyError, match=r"(?s)refuses a CUDA source: .*kernels\.cu:2:"):
        build_kernels(SOURCE + "not CUDA\n", ["-DSTEP=1"])
    assert list((cache / "hpcpy" / "emulated_kernels").iterdir()) == []


def test_without_a_cache_it_is_built_elsewhere(cache, monkeypatch):
    (cache / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(cache))
    built = build_kernels(SOURCE, ["-DSTEP=1"])
    assert built.parent == cache / f"hpcpy-{os.geteuid()}" / "emulated_kernels"


def test_processes_may_compile_at_the_same_time(empty_cache):
    program = (
        "import sys; from hpcpy_testing.emulated_kernels.build import build_kernels; "
        "print(build_kernels(sys.argv[1], ['-DSTEP=3']))"
    )
    command = [sys.executable, "-c", program, SOURCE]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    found = {process.communicate(timeout=120)[0] for process in started}
    assert found == {f"{build_kernels(SOURCE, ['-DSTEP=3'])}\n".encode()}


def test_the_compiler_has_no_doubts(tmp_path):
    source = tmp_path / "all.cpp"
    source.write_text('#include "cuda_on_host.hpp"\n' + SOURCE + "HOST_KERNEL(add, ())\n")
    sources = [source, *build.SOURCES.glob("*.cpp")]
    command = ["c++", *build.FLAGS, "-DSTEP=1", "-Wall", "-Wextra", "-I", str(build.SOURCES)]
    command += ["-shared", "-o", str(tmp_path / "all.so"), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
