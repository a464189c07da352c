import os

import pytest

from hpcpy_core.files.sealed import is_usable, seal, seal_of


@pytest.mark.parametrize("content", [b"", b"abc", bytes(100_000)])
def test_a_sealed_file_is_whole(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    assert not is_usable(path)
    seal(path)
    assert is_usable(path)
    assert path.read_bytes() == content + seal_of(content)


def test_damage_of_every_byte_is_seen(tmp_path):
    path = tmp_path / "a"
    whole = b"some content" + seal_of(b"some content")
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert not is_usable(path)
        path.write_bytes(whole[:at])
        assert not is_usable(path)
    path.write_bytes(whole)
    assert is_usable(path)


def test_what_others_may_write_is_not_used(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(seal_of(b""))
    path.chmod(0o666)
    assert not is_usable(path)
    path.chmod(0o600)
    assert is_usable(path)
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "fifo")
    for name in ("link", "fifo", "missing", "."):
        assert not is_usable(tmp_path / name)
