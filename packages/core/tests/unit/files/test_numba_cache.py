"""Machine code is kept where nobody else can put any, and only believed where it is whole."""

import os
import pickle
import subprocess
import sys
import tempfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from hpcpy_core.files import numba_cache as module
from hpcpy_core.files.private_cache import say_once
from hpcpy_core.files.sealed import seal
from hpcpy_testing.ordinary_user import as_ordinary_user, folder_of_ordinary_user

pytest.importorskip("numba")

SOURCE = """
from numba import int64
from hpcpy_core.files.numba_cache import cached_njit

@cached_njit(nogil=True)
def double(x):
    return 2 * x

@cached_njit(int64(int64))
def triple(x):
    return 3 * x
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "doubling.py").write_text(SOURCE)
    return tmp_path / "cache" / "hpcpy" / "numba"


def start(tmp_path):
    """Import the source as a new process would."""
    module._find_folder.cache_clear()
    module._digest_sources.cache_clear()
    say_once.cache_clear()
    path = tmp_path / "sources" / "doubling.py"
    spec = spec_from_file_location("doubling", path)
    doubling = module_from_spec(spec)
    spec.loader.exec_module(doubling)
    return doubling


def count_hits(tmp_path):
    """Use the functions, and return how many were found in the cache."""
    doubling = start(tmp_path)
    assert doubling.double(21) == 42
    assert doubling.triple(2) == 6
    with pytest.raises(TypeError):
        doubling.triple(2.0 + 1j)  # nothing is compiled beyond the signatures
    functions = (doubling.double, doubling.triple)
    return sum(sum(function.stats.cache_hits.values()) for function in functions)


def test_the_second_process_finds_what_the_first_compiled(tmp_path, cache):
    old = os.umask(0)
    try:
        assert count_hits(tmp_path) == 0
    finally:
        os.umask(old)
    assert count_hits(tmp_path) == 2
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in kept) == [".nbc", ".nbc", ".nbi", ".nbi"]
    assert {path.stat().st_mode & 0o7777 for path in kept} == {0o600}
    assert {path.stat().st_mode & 0o7777 for path in cache.rglob("*") if path.is_dir()} == {0o700}
    assert not list((tmp_path / "sources" / "__pycache__").glob("*.nb?"))


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "open to others", "link"])
def test_what_is_damaged_or_planted_is_compiled_anew(tmp_path, cache, suffix, damage):
    count_hits(tmp_path)
    for path in cache.rglob(f"*{suffix}"):
        content = path.read_bytes()
        flipped = content[:40] + bytes([content[40] ^ 4]) + content[41:]
        texts = {"cut": content[: len(content) // 2], "flipped": flipped, "empty": b""}
        path.write_bytes(texts.get(damage, content))
        if damage == "open to others":
            path.chmod(0o666)
        if damage == "link":
            path.rename(tmp_path / path.name)
            path.symlink_to(tmp_path / path.name)
    assert count_hits(tmp_path) == 0
    assert count_hits(tmp_path) == 2


class Planted:
    """A pickle that does something when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_of_others_is_not_read(tmp_path, cache):
    count_hits(tmp_path)
    for path in [*cache.rglob("*.nbi"), *cache.rglob("*.nbc")]:
        path.write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
        seal(path)
        path.chmod(0o622)
    assert count_hits(tmp_path) == 0
    assert not (tmp_path / "ran").exists()


def test_a_folder_that_others_may_write_is_not_used(tmp_path, cache, capsys):
    count_hits(tmp_path)
    cache.chmod(0o777)
    assert count_hits(tmp_path) == 0
    assert "others may write to" in capsys.readouterr().err
    assert list((tmp_path / "tmp").rglob("*.nbc"))
    assert count_hits(tmp_path) == 2


def test_a_function_that_was_inlined_counts(tmp_path):
    count_hits(tmp_path)
    (tmp_path / "sources" / "inlined.py").write_text("# another file of the folder\n")
    assert count_hits(tmp_path) == 0


def test_the_users_own_folder_is_used_if_it_can_be_trusted(tmp_path, cache, monkeypatch, capsys):
    own = tmp_path / "own"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(own))
    assert count_hits(tmp_path) == 0
    assert count_hits(tmp_path) == 2
    assert list(own.rglob("*.nbc"))
    assert not cache.exists()
    assert capsys.readouterr().err == ""
    own.chmod(0o777)
    assert count_hits(tmp_path) == 0
    assert f"NUMBA_CACHE_DIR is not used: everybody may write to {own}" in capsys.readouterr().err
    assert list(cache.rglob("*.nbc"))


def test_a_full_disk_is_no_error(tmp_path, cache, monkeypatch, capsys):
    def refuse(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "seal", refuse)
    assert count_hits(tmp_path) == 0
    assert "machine code is not kept in" in capsys.readouterr().err
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_without_any_place_it_is_no_error(tmp_path, monkeypatch, capsys):
    def refuse(*names):
        raise OSError("no place")

    monkeypatch.setattr(module, "private_folder", refuse)
    assert count_hits(tmp_path) == 0
    assert "machine code is not kept: no place" in capsys.readouterr().err


def test_a_user_without_a_home_in_a_read_only_installation():
    def run():
        os.environ["HOME"] = "/nonexistent"
        os.environ.pop("XDG_CACHE_HOME", None)
        tempfile.tempdir = str(folder)
        return count_hits(folder), count_hits(folder)

    with folder_of_ordinary_user() as folder:
        (folder / "sources").mkdir()
        (folder / "sources" / "doubling.py").write_text(SOURCE)
        (folder / "sources").chmod(0o555)
        if os.geteuid() == 0:
            os.chown(folder / "sources", 0, 0)
        folder.chmod(0o1777)
        assert as_ordinary_user(run, user=54321) == (0, 2)


def test_functions_stay_python_where_numba_is_told_so(tmp_path):
    program = "import doubling; print(doubling.double(21), doubling.triple('a'))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path / "sources", capture_output=True, text=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("42 aaa\n", "")


@pytest.mark.parametrize(("switch", "compiles"), [("", True), ("0", True), ("1", False)])
def test_whether_numba_compiles(switch, compiles):
    program = "from hpcpy_core.files.numba_cache import numba_compiles; print(numba_compiles())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": switch},
    )  # fmt: skip
    assert done.stdout == f"{compiles}\n"


def test_a_numba_that_cannot_be_imported_does_not_compile():
    program = (
        "import sys; sys.modules['llvmlite'] = None\n"
        "from hpcpy_core.files.numba_cache import numba_compiles; print(numba_compiles())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
