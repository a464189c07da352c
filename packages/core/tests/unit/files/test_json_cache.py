import json
import os
import tempfile

import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.files import json_cache as module
from hpcpy_core.files.json_cache import keep_json, recall_json

CONTENT = {"rows": [[1, "a"], [None, "µ"]], "version": 1}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / "cache" / "hpcpy" / "things"


def test_what_was_kept_is_recalled(cache):
    assert recall_json("things", "a.json") is None
    path = keep_json("things", "a.json", CONTENT)
    assert path == cache / "a.json"
    assert path.stat().st_mode & 0o7777 == 0o600
    assert recall_json("things", "a.json") == (CONTENT, path)
    assert json.loads(path.read_text())["rows"] == CONTENT["rows"]
    keep_json("things", "a.json", {})
    assert recall_json("things", "a.json") == ({}, path)


def test_no_damage_is_believed():
    path = keep_json("things", "a.json", CONTENT)
    whole = path.read_bytes()
    for at in range(0, len(whole) - 1):
        path.write_bytes(whole[:at])
        assert recall_json("things", "a.json") is None
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        found = recall_json("things", "a.json")
        assert found is None or found[0] == CONTENT  # another kind of white space


@pytest.mark.parametrize("text", ["", "[]", "1", '{"a": 1}', "[" * 100_000, "\0", '{"digest": 1}'])
def test_what_is_no_such_file_is_as_none(text):
    path = keep_json("things", "a.json", CONTENT)
    path.write_text(text)
    assert recall_json("things", "a.json") is None
    keep_json("things", "a.json", CONTENT)
    assert recall_json("things", "a.json") == (CONTENT, path)


def test_what_is_planted_is_as_none_and_not_followed(tmp_path):
    path = keep_json("things", "a.json", CONTENT)
    path.chmod(0o666)
    assert recall_json("things", "a.json") is None
    keep_json("things", "a.json", CONTENT)
    assert recall_json("things", "a.json") == (CONTENT, path)
    path.rename(tmp_path / "victim")
    path.symlink_to(tmp_path / "victim")
    assert recall_json("things", "a.json") is None
    keep_json("things", "a.json", {})
    assert not path.is_symlink()
    path.unlink()
    os.mkfifo(path)
    assert recall_json("things", "a.json") is None
    keep_json("things", "a.json", CONTENT)
    assert recall_json("things", "a.json") == (CONTENT, path)


def test_a_full_cache_is_gone_round(cache, monkeypatch, tmp_path):
    write = module._write

    def refuse(path, text):
        if path.parent == cache:
            raise FileError("cannot write it: No space left on device")
        return write(path, text)

    monkeypatch.setattr(module, "_write", refuse)
    path = keep_json("things", "a.json", CONTENT)
    assert path == tmp_path / f"hpcpy-{os.geteuid()}" / "things" / "a.json"
