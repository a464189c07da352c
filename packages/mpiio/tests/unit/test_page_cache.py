import os

import pytest

from hpcpy_mpiio.benchmark.file_system import find_file_system
from hpcpy_mpiio.page_cache import cached_fraction, drop_cached


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(1 << 20) + b"no whole page")
    return path


def test_what_was_just_written_is_in_memory(path):
    assert cached_fraction(path) == 1


def test_dropped_pages_come_back_when_they_are_read(path):
    content = path.read_bytes()
    drop_cached(path)
    if find_file_system(path.parent).type in {"tmpfs", "ramfs"}:
        assert cached_fraction(path) == 1  # which is why it is measured
    else:
        assert cached_fraction(path) < 0.01
    assert path.read_bytes() == content
    assert cached_fraction(path) == 1


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        cached_fraction(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        drop_cached(tmp_path / "none")
