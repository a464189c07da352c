import re
import signal
import tarfile
import tempfile

import pytest

import build_mpi as script
from hpcpy_core.errors import HpcpyError
from hpcpy_core.run_alone import run_alone

MADE = ["cuda-mpi", "cuda-mpi.tar.xz"]


@pytest.fixture
def made(tmp_path, wheels, monkeypatch):
    """Return the sources of the tars that were made, by a step that only pretends."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(script, "ROOT", tmp_path / "checkout")
    calls = []

    def make(tar, source):
        calls.append(source)
        prefix = tmp_path / "prefix"
        (prefix / "share").mkdir(parents=True, exist_ok=True)
        (prefix / script.MARK).write_text(f"{tar.name.partition('.')[0]}\n")
        (prefix / f"run{len(calls)}").touch()
        with tarfile.open(tar, "w:xz") as archive:
            archive.add(prefix, arcname="cuda-mpi")

    monkeypatch.setattr(script, "make_tar", make)
    return calls


@pytest.fixture
def build(tmp_path):
    return lambda *source: script.build_mpi(*source, root=tmp_path / "checkout")


def test_it_is_made_once_and_unpacked_once(made, build, capsys):
    target = build()
    assert (target / "run1").exists()
    assert "unpacked" in capsys.readouterr().err
    assert build() == target
    assert "is there already" in capsys.readouterr().err
    assert made == [None]
    assert sorted(path.name for path in target.parent.iterdir()) == MADE


def test_the_tar_is_there_for_images_and_comes_back_when_it_is_lost(made, build, tmp_path):
    packed = build().with_name("cuda-mpi.tar.xz")
    (tar,) = (tmp_path / "cache" / "hpcpy" / "cuda-mpi").glob("*.tar.xz")
    assert packed.read_bytes() == tar.read_bytes()
    packed.unlink()
    build()
    assert packed.read_bytes() == tar.read_bytes()
    assert made == [None]


def test_another_checkout_takes_it_from_the_cache(made, build, tmp_path):
    build()
    other = script.build_mpi(root=tmp_path / "other")
    assert (other / "run1").exists()
    assert made == [None]


def test_one_made_of_other_things_is_replaced_as_a_whole(made, build, tmp_path):
    old = build() / "run0"
    old.touch()
    source = tmp_path / "openmpi.tar"
    source.write_text("another")
    assert (build(source) / "run2").exists()
    assert not old.exists()


def test_a_damaged_tar_is_named_and_the_older_mpi_is_kept(made, build, tmp_path):
    target = build()
    (target / script.MARK).write_text("older\n")
    (tar,) = (tmp_path / "cache" / "hpcpy" / "cuda-mpi").glob("*.tar.xz")
    tar.write_bytes(tar.read_bytes()[:60])
    with pytest.raises(HpcpyError, match=r"tar\.xz is no tar file .*; remove it"):
        build()
    assert sorted(path.name for path in target.parent.iterdir()) == MADE
    assert (target / "run1").exists()


def test_a_cache_that_cannot_be_made_is_another_and_a_note_says_why(
    made, build, tmp_path, monkeypatch, capsys
):
    (tmp_path / "cache").write_text("a file")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    assert (build() / "run1").exists()
    assert list((tmp_path / "temporary").glob("hpcpy-*/cuda-mpi/*.tar.xz"))
    assert re.search(r"note: cache in .*, since .*cache cannot be made", capsys.readouterr().err)


def test_the_command_prints_what_a_shell_needs(made, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(script, "build_mpi", lambda source: tmp_path)
    assert run_alone(script.main, []) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"export OPAL_PREFIX={tmp_path}" in lines
    assert lines[-1] == f"export PATH={tmp_path}/bin:$PATH"


@pytest.mark.parametrize("words", [["--source", "nowhere.tar"], ["--fast"], ["now"]])
def test_bad_arguments_are_refused(words, capsys):
    assert run_alone(script.main, words) == 2
    assert words[-1] in capsys.readouterr().err
