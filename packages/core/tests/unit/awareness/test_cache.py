import json
from dataclasses import replace

import pytest

from hpcpy_core.awareness import Verdict
from hpcpy_core.awareness.cache import keep, place, recall

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


@pytest.mark.parametrize("spoil", ["damage", "empty", "other", "not lasting", "nodes", "list"])
def test_what_is_damaged_or_foreign_is_not_believed_and_written_anew(spoil):
    path = keep(IDENTITY, VERDICT)
    content = json.loads(path.read_text())
    if spoil == "other":
        content["environment"] = {**IDENTITY, "library": ["another"]}
    if spoil == "not lasting":
        content["verdict"]["lasting"] = False
    if spoil == "nodes":
        content["verdict"]["nodes"] = 2
    text = {"damage": path.read_text()[:40], "empty": "", "list": "[]"}
    path.write_text(text.get(spoil, json.dumps(content)))
    assert recall(IDENTITY) is None
    assert keep(IDENTITY, VERDICT) == path
    assert recall(IDENTITY) == VERDICT


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert keep(IDENTITY, VERDICT) is None
    assert recall(IDENTITY) is None


def test_a_user_without_a_home_keeps_nothing(monkeypatch):
    def fail():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("pathlib.Path.home", fail)
    assert keep(IDENTITY, VERDICT) is None
    assert recall(IDENTITY) is None


def test_it_lies_where_caches_lie(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    assert place(IDENTITY, False).parent == tmp_path / ".cache" / "hpcpy" / "awareness"
