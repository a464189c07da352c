import os
import subprocess
import sys
import tempfile

import pytest

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_testing.emulated_driver import build
from hpcpy_testing.emulated_driver.build import build_driver


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def one_source(tmp_path, monkeypatch):
    """A driver that is compiled in no time."""

    def write(text):
        for name in build.LIBRARIES:
            folder = tmp_path / "sources" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "all.c").write_text(text)

    monkeypatch.setattr(build, "SOURCES", tmp_path / "sources")
    write("int one(void) { return 1; }")
    return write


def test_it_is_compiled_once(cache, one_source, monkeypatch):
    folder = build_driver()
    assert folder.is_relative_to(cache)
    links = {"libcuda.so", "libcuda.so.1", "libnvidia-ml.so", "libnvidia-ml.so.1"}
    assert {path.name for path in folder.iterdir()} == links
    assert (folder / "libcuda.so").resolve() == (folder / "libcuda.so.1").resolve()
    monkeypatch.setenv("PATH", "")
    assert build_driver() == folder


def test_other_sources_are_another_driver(cache, one_source):
    first = build_driver()
    one_source("int two(void) { return 2; }")
    assert build_driver() != first


def test_a_damaged_driver_is_built_anew(cache, one_source):
    folder = build_driver()
    library = folder / "libcuda.so.1"
    content = library.read_bytes()
    library.write_bytes(content[:-60])
    assert build_driver() == folder
    assert library.read_bytes() == content
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_without_a_compiler_it_says_which_to_install(cache, one_source, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match=r"driver needs a C compiler: .*apt-get install gcc "):
        build_driver()


def test_without_a_cache_it_is_built_elsewhere(cache, one_source, monkeypatch):
    (cache / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(cache))
    built = build_driver()
    assert built.parent == cache / f"hpcpy-{os.geteuid()}" / "emulated_driver"


def test_what_does_not_compile_leaves_nothing(cache, one_source):
    one_source("not C")
    with pytest.raises(HpcpyError, match="error:"):
        build_driver()
    assert list((cache / "hpcpy" / "emulated_driver").iterdir()) == []


def test_processes_may_compile_at_the_same_time(cache, one_source):
    program = (
        "import pathlib, sys; from hpcpy_testing.emulated_driver import build; "
        "build.SOURCES = pathlib.Path(sys.argv[1]); build.build_driver()"
    )
    command = [sys.executable, "-c", program, str(build.SOURCES)]
    started = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(120) for process in started] == [0, 0, 0]
    (folder,) = (cache / "hpcpy" / "emulated_driver").iterdir()
    assert folder == build_driver()


def test_the_compiler_has_no_doubts(tmp_path):
    for name in build.LIBRARIES:
        files = sorted(map(str, (build.SOURCES / name).glob("*.c")))
        command = ["cc", *build.FLAGS, "-Wall", "-Wextra", "-o", str(tmp_path / name), *files]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=True)
        assert done.stderr == ""
