import shutil

import pytest

from hpcpy_core.errors import InputError
from hpcpy_spawn_pi.yardstick.compile_c import SOURCE, find_compiler


def test_a_missing_compiler_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match=r"no C compiler on PATH \(cc, gcc, clang\): install"):
        find_compiler()


def test_the_first_compiler_that_is_there_is_taken(monkeypatch):
    monkeypatch.setattr(shutil, "which", {"gcc": "/bin/gcc", "clang": "/bin/clang"}.get)
    assert find_compiler() == "/bin/gcc"


def test_the_source_comes_with_the_package():
    assert "void block_sums(" in SOURCE.read_text(encoding="utf-8")
