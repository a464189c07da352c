import os
from pathlib import Path

import numpy as np
import pytest

from hpcpy_core.errors import FileError
from hpcpy_mpiio.checkpoints import prune_generations as module
from hpcpy_mpiio.checkpoints.metadata import FieldRecord, Metadata
from hpcpy_mpiio.checkpoints.metadata_file import write_metadata
from hpcpy_mpiio.checkpoints.prune_generations import clear_generations, prune_generations
from hpcpy_testing.ordinary_user import as_ordinary_user, folder_of_ordinary_user


@pytest.fixture
def place():
    with folder_of_ordinary_user() as folder:
        yield folder


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def put(directory, *steps):
    """Make whole generations."""
    record = FieldRecord(shape=(3,), dtype="<f8", rows_per_slab=3, checksums=("00000000",))
    for step in steps:
        generation = directory / f"ckpt-{step:09d}"
        generation.mkdir()
        np.save(generation / "u.npy", np.zeros(3))
        write_metadata(
            generation,
            Metadata(step=step, time=0.0, parameters={}, versions={}, fields={"u": record}),
        )


@pytest.mark.parametrize(
    ("newest", "keep", "left"),
    [
        (300, 2, [200, 300]),
        (300, 1, [300]),
        (300, 9, [100, 200, 300]),
        (200, 2, [100, 200]),
        (200, 1, [200]),
    ],
)
def test_older_ones_and_those_of_an_abandoned_future_go(tmp_path, newest, keep, left):
    put(tmp_path, 100, 200, 300)
    prune_generations(tmp_path, newest=newest, keep=keep)
    assert names(tmp_path) == [f"ckpt-{step:09d}" for step in left]


def hide(path, monkeypatch, error):
    """Let reading a file fail as the system does."""
    real = os.open

    def refuse(name, *args, **options):
        if Path(os.fsdecode(name)) == path:
            raise OSError(error, os.strerror(error), str(path))
        return real(name, *args, **options)

    monkeypatch.setattr(os, "open", refuse)


@pytest.mark.parametrize("file", ["metadata.json", "u.npy"])
@pytest.mark.parametrize("error", [5, 13, 116, 23, 24, 107, 110])
def test_a_newer_one_that_cannot_be_read_for_now_stays(tmp_path, monkeypatch, file, error):
    put(tmp_path, 100, 150, 200)
    with monkeypatch.context() as patch:
        hide(tmp_path / "ckpt-000000200" / file, patch, error)
        if file == "u.npy":  # which the header is read from by Path.open
            patch.setattr(module, "read_header", refusing(200, error))
        prune_generations(tmp_path, newest=150, keep=1)
    assert names(tmp_path) == ["ckpt-000000150", "ckpt-000000200"]


def refusing(step, error):
    real = module.read_header

    def read(path):
        if path.parent.name == f"ckpt-{step:09d}":
            failure = FileError(os.strerror(error))
            failure.for_now = True
            raise failure
        return real(path)

    return read


@pytest.mark.parametrize("what", ["directory", "metadata.json", "u.npy"])
def test_rights_that_are_missing_for_now(place, what):
    def work():
        put(place, 100, 150, 200)
        newer = place / "ckpt-000000200"
        locked = newer if what == "directory" else newer / what
        locked.chmod(0)
        prune_generations(place, newest=150, keep=1)
        locked.chmod(0o755)
        return names(place), names(newer)

    there, inside = as_ordinary_user(work)
    assert there == ["ckpt-000000150", "ckpt-000000200"]
    assert inside == ["metadata.json", "u.npy"]


def test_one_that_could_not_be_read_at_the_restart_is_spared(tmp_path):
    put(tmp_path, 100, 150, 200)
    prune_generations(tmp_path, newest=150, keep=1, spared={"ckpt-000000200"})
    assert names(tmp_path) == ["ckpt-000000150", "ckpt-000000200"]


def test_what_cannot_be_read_or_is_damaged_does_not_count(tmp_path):
    put(tmp_path, 100, 150, 200, 250, 300)
    (tmp_path / "ckpt-000000250" / "u.npy").unlink()
    os.truncate(tmp_path / "ckpt-000000200" / "u.npy", 50)
    prune_generations(tmp_path, newest=300, keep=2, spared={"ckpt-000000100"})
    assert names(tmp_path) == [f"ckpt-{step:09d}" for step in (100, 150, 200, 250, 300)]
    prune_generations(tmp_path, newest=300, keep=1)
    assert names(tmp_path) == ["ckpt-000000300"]


def test_a_newer_one_that_is_damaged_goes(tmp_path):
    put(tmp_path, 100, 200, 300)
    (tmp_path / "ckpt-000000300" / "u.npy").unlink()
    content = (tmp_path / "ckpt-000000200" / "metadata.json").read_text()
    (tmp_path / "ckpt-000000200" / "metadata.json").write_text(content.replace("0.0", "0.1"))
    prune_generations(tmp_path, newest=100, keep=2)
    assert names(tmp_path) == ["ckpt-000000100"]


def test_what_is_not_ours_neither_counts_nor_goes(tmp_path):
    put(tmp_path, 100, 200, 300)
    for step in (250, 400, 50):
        theirs = tmp_path / f"ckpt-{step:09d}"
        theirs.mkdir()
        (theirs / "model.bin").touch()
    prune_generations(tmp_path, newest=300, keep=2)
    assert names(tmp_path) == [f"ckpt-{step:09d}" for step in (50, 200, 250, 300, 400)]
    clear_generations(tmp_path)
    assert names(tmp_path) == [f"ckpt-{step:09d}" for step in (50, 250, 400)]


def test_clearing_sets_aside_what_cannot_be_read(place):
    def work():
        put(place, 100, 200)
        (place / "ckpt-000000200" / "metadata.json").chmod(0)
        clear_generations(place)
        return names(place)

    assert as_ordinary_user(work) == ["ckpt-000000200.kept"]


def test_a_disk_that_fails_is_said(tmp_path, monkeypatch):
    put(tmp_path, 1, 2)

    def fail(path, **others):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(FileError, match="cannot remove old checkpoints"):
        prune_generations(tmp_path, newest=2, keep=1)
