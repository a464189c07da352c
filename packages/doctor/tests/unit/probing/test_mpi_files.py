import shutil
from pathlib import Path

import pytest

from hpcpy_doctor.checks.mpi_files import try_files
from hpcpy_doctor.probing.write_together import expected


@pytest.fixture
def look(plain_facts, make_outcome, tmp_path, monkeypatch):
    """Return a function that tells what is found where a job leaves this, and ends like this."""
    monkeypatch.chdir(tmp_path)

    def look(content, *before, **end):
        def run(ranks, trials, seconds, *, arguments):
            path = Path(arguments[1])
            assert path.parent.parent == tmp_path
            if content is not None:
                path.write_bytes(content)
            return make_outcome(*before, trials=trials, **end)

        (found,) = try_files((plain_facts(),), run=run)
        assert list(tmp_path.iterdir()) == []  # whatever came of it
        return found

    return look


def test_all_is_well(look, tmp_path):
    found = look(expected(2))
    assert found.level == "ok"
    assert found.seen == f"2 ranks wrote 64 KiB in {tmp_path} and read them back in 0.01 s"


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (expected(2)[:-1], "65536 B were written, 65535 B are there, of which the first 65535"),
        (expected(2) + b"x", "65537 B are there, of which the first 65536 are right"),
        (bytes(65536), "65536 B are there, of which the first 1 are right"),
        (None, "0 B are there, of which the first 0 are right, since No such file"),
    ],
    ids=["short", "long", "zeros", "none"],
)
def test_what_mpi_calls_a_success_is_compared(look, content, seen):
    found = look(content)
    assert (found.id, found.level) == ("mpi-files-wrong", "error")
    assert seen in found.seen


@pytest.mark.parametrize(
    ("end", "kind", "seen"),
    [
        (
            {"failed": "StepFailedError: MPI_File_open failed on 1"},
            "mpi-files-fail",
            "_open failed",
        ),
        ({"failed": "WrongValuesError: rank 0 read other"}, "mpi-files-wrong", "rank 0 read"),
        ({"code": 124}, "mpi-files-hang", "no answer in 8 s"),
    ],
)
def test_what_mpi_says_of_a_failure_is_told(look, end, kind, seen):
    found = look(b"part", "file", **end)
    assert found.id == kind
    assert seen in found.seen


def test_a_folder_that_was_removed(plain_facts, tmp_path, monkeypatch):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    shutil.rmtree(folder)
    (found,) = try_files((plain_facts(folder=""),), run=lambda *_: pytest.fail("tried"))
    assert (found.id, found.cure) == ("mpi-files-no-folder", "cd $HOME")
    monkeypatch.chdir(tmp_path)
