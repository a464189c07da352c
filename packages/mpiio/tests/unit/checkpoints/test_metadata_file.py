import os
from pathlib import Path

import pytest

from hpcpy_core.errors import FileError
from hpcpy_mpiio.checkpoints import metadata_file
from hpcpy_mpiio.checkpoints.metadata import FieldRecord, Metadata
from hpcpy_mpiio.checkpoints.metadata_file import read_metadata, write_metadata

WHOLE = Metadata(
    step=7,
    time=0.7,
    parameters={},
    versions={},
    fields={"u": FieldRecord(shape=(1,), dtype="<f8", rows_per_slab=1, checksums=("00000000",))},
)


@pytest.fixture
def generation(tmp_path):
    path = tmp_path / "ckpt-000000007"
    path.mkdir()
    return path


def test_what_is_written_is_read(generation):
    write_metadata(generation, WHOLE)
    assert [path.name for path in generation.iterdir()] == ["metadata.json"]
    assert read_metadata(generation) == WHOLE


def test_it_is_on_disk_before_the_function_returns(generation, monkeypatch):
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda fd: synced.append(Path(f"/proc/self/fd/{fd}").stat().st_size)
    )
    write_metadata(generation, WHOLE)
    assert synced == [(generation / "metadata.json").stat().st_size]


def test_a_disk_that_refuses_is_a_file_error(generation, monkeypatch):
    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileError, match=r"cannot write .*metadata\.json: .*No space left"):
        write_metadata(generation, WHOLE)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["FIFO", "directory"])
def test_metadata_that_is_no_file_is_not_waited_for(generation, make):
    make(generation / "metadata.json")
    with pytest.raises(FileError, match=r"metadata\.json cannot be read: not a regular") as caught:
        read_metadata(generation)
    assert not caught.value.for_now


def test_what_may_be_mended_is_told_from_what_may_not(generation, monkeypatch):
    for error, for_now in ((5, True), (13, True), (2, False), (116, True)):

        def fail(*args, number=error, **options):
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(os, "stat", fail)
            with pytest.raises(FileError, match="cannot be read") as caught:
                read_metadata(generation)
        assert caught.value.for_now is for_now


def test_metadata_of_another_step(generation):
    write_metadata(generation, WHOLE)
    other = generation.rename(generation.with_name("ckpt-000000008"))
    with pytest.raises(FileError, match="is damaged: it is that of step 7"):
        read_metadata(other)


def test_metadata_that_is_not_there(generation):
    with pytest.raises(FileError, match=r"metadata\.json cannot be read: No such file"):
        read_metadata(generation)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"schema": 1'])
def test_metadata_that_is_damaged(generation, content):
    (generation / "metadata.json").write_bytes(content)
    with pytest.raises(FileError, match=r"metadata\.json is damaged: "):
        read_metadata(generation)


def test_metadata_that_is_far_too_large(generation, monkeypatch):
    monkeypatch.setattr(metadata_file, "LARGEST_FILE", 10)
    (generation / "metadata.json").write_bytes(b" " * 11)
    with pytest.raises(FileError, match="it is larger than 10 bytes"):
        read_metadata(generation)
