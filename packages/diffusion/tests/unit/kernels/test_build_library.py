"""Libraries that are compiled at their first use."""

import os
import subprocess
import sys
import tempfile

import pytest

from hpcpy_core.errors import FileError, HpcpyError, InputError
from hpcpy_core.find_compiler import find_compiler
from hpcpy_diffusion.kernels import build_library as module
from hpcpy_diffusion.kernels.build_library import build_library, open_library

pytestmark = pytest.mark.skipif(find_compiler("C") is None, reason="there is no C compiler")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hpcpy" / "kernels"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "answer.c"
    path.write_text("int answer(void) { return ANSWER; }\n")
    return path


def build(source, *flags, **options):
    return build_library(source, "C", flags or ("-DANSWER=42",), **options)


def test_it_is_compiled_once(cache, source, monkeypatch):
    path = build(source)
    assert path.parent == cache
    assert path.name.startswith("answer-")
    assert open_library(path).answer() == 42
    monkeypatch.setattr(module, "_compile", lambda *arguments: pytest.fail("compiled again"))
    assert build(source) == path


def test_what_makes_another_library_makes_another_name(cache, source, monkeypatch):
    paths = {build(source), build(source, "-DANSWER=43"), build(source, translator="Cython 3")}
    paths.add(build(source, "-DANSWER=42", "-march=native"))
    monkeypatch.setattr(module, "_describe_processor", lambda flags: "another one")
    paths.add(build(source))
    source.write_text("int answer(void) { return 1 + ANSWER; }\n")
    paths.add(build(source))
    compiler = find_compiler("C")[0]
    monkeypatch.setenv("CC", f"{compiler} -O1")
    paths.add(build(source))
    assert len(paths) == 7
    assert sorted(cache.iterdir()) == sorted(paths)
    assert sorted(open_library(path).answer() for path in paths) == [42, 42, 42, 42, 43, 43, 43]


def test_only_native_code_is_of_one_processor():
    assert "sse" not in module._describe_processor(["-O3"])
    native = module._describe_processor(["-march=native"])
    assert native.startswith(("flags", "Features"))


def test_the_compiler_gets_what_is_translated(cache, source):
    def translate(path):
        path.write_text(source.read_text().replace("ANSWER", "7"))

    path = build(source, "-O1", translate=translate)
    assert open_library(path).answer() == 7


def test_processes_at_the_same_time_do_not_disturb_each_other(cache, source):
    program = (
        "from pathlib import Path\n"
        "from hpcpy_diffusion.kernels.build_library import build_library, open_library\n"
        f"path = build_library(Path({str(source)!r}), 'C', ['-DANSWER=42'])\n"
        "print(path, open_library(path).answer())\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = {process.communicate(timeout=120)[0] for process in running}
    (path,) = cache.iterdir()
    assert said == {f"{path} 42\n"}


def test_what_does_not_compile_leaves_nothing(cache, source):
    source.write_text("not C\n")
    with pytest.raises(
        HpcpyError, match=r"(?s)cannot compile answer\.c: .*error:.* compiler in CC, "
    ):
        build(source)
    assert list(cache.iterdir()) == []


def test_a_compiler_that_only_fails_is_named(cache, source, monkeypatch):
    monkeypatch.setenv("CC", "false")
    with pytest.raises(HpcpyError, match=r"cannot compile answer\.c: false .* ended with 1"):
        build(source)


def test_a_compiler_that_is_not_there_is_named(cache, source, monkeypatch):
    monkeypatch.setenv("CC", "/no/such/cc")
    with pytest.raises(InputError, match=r"a C compiler \(CC=/no/such/cc is not found\)"):
        build(source)


def test_without_a_cache_it_is_built_elsewhere(cache, source, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = build(source)
    assert path.parent == tmp_path / f"hpcpy-{os.geteuid()}" / "kernels"
    assert open_library(path).answer() == 42
    assert "File exists; name a folder of your own in XDG_CACHE_HOME" in capsys.readouterr().err


def test_a_planted_library_is_not_loaded(cache, source, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = build(source)
    planted = build(source, "-DANSWER=666")
    path.unlink()
    planted.rename(path)
    path.chmod(0o777)
    assert open_library(build(source)).answer() == 42
    planted = build(source, "-DANSWER=667")
    planted.replace(path)
    cache.chmod(0o777)
    elsewhere = build(source)
    assert not elsewhere.is_relative_to(cache)
    assert open_library(elsewhere).answer() == 42


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "without seal"])
def test_a_damaged_library_is_built_anew(cache, source, damage):
    path = build(source)
    content = path.read_bytes()
    path.unlink()  # in this process it may be in use
    at = content.index(b"answer")
    flipped = content[:at] + b"Answer" + content[at + 6 :]
    spoilt = {"cut": content[:4096], "flipped": flipped, "empty": b""}
    path.write_bytes(spoilt.get(damage, content[:-45]))
    assert build(source) == path
    assert path.read_bytes() == content
    assert open_library(path).answer() == 42


def test_a_damaged_library_is_named(cache, source):
    path = build(source)
    path.unlink()
    path.write_bytes(b"half")
    with pytest.raises(FileError, match=rf"cannot load {path}: .*Remove it, or"):
        open_library(path)
