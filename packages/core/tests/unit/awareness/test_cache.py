import json
import os
import tempfile
from dataclasses import replace

import pytest

from hpcpy_core.awareness import Verdict
from hpcpy_core.awareness.cache import keep, recall
from hpcpy_core.files import json_cache
from hpcpy_core.files.json_cache import keep_json

IDENTITY = {"library": ["MPI", "/lib/libmpi.so", 1, 2], "variables": {"UCX_TLS": "tcp"}}
VERDICT = Verdict(
    failures={"rma": "segmentation fault"},
    library="MPI 1.0",
    driver="13.0, GPU",
    nodes=1,
    seconds=2.0,
    lasting=True,
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hpcpy" / "awareness"


def test_what_was_kept_is_found_again(cache):
    assert recall(IDENTITY) is None
    path = keep(IDENTITY, VERDICT)
    assert list(cache.iterdir()) == [path]
    assert recall(IDENTITY) == VERDICT
    assert recall({**IDENTITY, "variables": {}}) is None


def test_one_node_and_several_are_kept_apart():
    several = replace(VERDICT, nodes=2, failures={})
    keep(IDENTITY, VERDICT)
    assert recall(IDENTITY, several_nodes=True) is None
    keep(IDENTITY, several)
    assert recall(IDENTITY) == VERDICT
    assert recall(IDENTITY, several_nodes=True) == several


def test_what_does_not_last_is_not_kept(cache):
    assert keep(IDENTITY, replace(VERDICT, lasting=False)) is None
    assert keep(None, VERDICT) is None
    assert recall(None) is None
    assert not cache.exists()


@pytest.mark.parametrize("change", ["environment", "lasting", "nodes", "verdict"])
def test_what_is_foreign_is_not_believed_and_written_anew(change):
    path = keep(IDENTITY, VERDICT)
    content = json.loads(path.read_text())
    del content["digest"]
    if change == "environment":
        content["environment"] = {**IDENTITY, "library": ["another"]}
    elif change == "verdict":
        content["verdict"] = "of another version"
    else:
        content["verdict"][change] = {"lasting": False, "nodes": 2}[change]
    keep_json("awareness", path.name, content)
    assert recall(IDENTITY) is None
    assert keep(IDENTITY, VERDICT) == path
    assert recall(IDENTITY) == VERDICT


@pytest.mark.parametrize("spoil", ["cut", "empty", "list", "flipped", "others"])
def test_what_is_damaged_or_open_to_others_is_not_believed(spoil):
    path = keep(IDENTITY, VERDICT)
    text = path.read_text()
    flipped = text.replace("13.0", "13.1")
    path.write_text(
        {"cut": text[:40], "empty": "", "list": "[]", "flipped": flipped}.get(spoil, text)
    )
    path.chmod(0o666 if spoil == "others" else 0o600)
    assert recall(IDENTITY) is None
    assert keep(IDENTITY, VERDICT) == path
    assert recall(IDENTITY) == VERDICT


@pytest.mark.parametrize("home", [None, "file"])
def test_without_a_cache_it_is_kept_elsewhere(tmp_path, monkeypatch, capsys, home):
    def fail():
        raise RuntimeError("Could not determine home directory.")

    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if home is None:
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setattr("pathlib.Path.home", fail)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / home))
    path = keep(IDENTITY, VERDICT)
    assert path.parent == tmp_path / f"hpcpy-{os.geteuid()}" / "awareness"
    assert recall(IDENTITY) == VERDICT
    assert capsys.readouterr().err.startswith(f"note: cache in {path.parent}, since ")


def test_what_can_be_kept_nowhere_is_no_error(monkeypatch):
    def fail(*names, **more):
        raise OSError("no place")

    monkeypatch.setattr(json_cache, "private_folder", fail)
    assert keep(IDENTITY, VERDICT) is None
    assert recall(IDENTITY) is None
