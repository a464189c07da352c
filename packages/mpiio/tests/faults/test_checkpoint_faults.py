"""A fault in a checkpoint: one message, the older checkpoint as it was, nothing left behind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.run_job import run_job

PROGRAM = Path(__file__).with_name("programs") / "use_checkpoint.py"
SECONDS = 120
"""Far above what is seen, on a busy machine too."""

OLD, NEW = "ckpt-000000001", "ckpt-000000002"
MOUNT = 'mount -t tmpfs -o size=2m none "$1" && cp -a "$2/." "$1" && shift 2'
KEEP = 'folder=$1; after=$2; shift 2; "$@"; code=$?; cp -a "$folder/." "$after"; exit $code'


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture(scope="module")
def prepared(mpiexec, tmp_path_factory):
    """Checkpoints of the steps 1 and 2, written by 3 ranks."""
    place = tmp_path_factory.mktemp("prepared")
    for step in (1, 2):
        use(mpiexec, place / "c", place / str(step), "--write", step, ranks=3)
    return place / "c"


@pytest.fixture
def place(prepared, tmp_path):
    """A copy of them that a test may damage."""
    return shutil.copytree(prepared, tmp_path / "c")


@pytest.fixture
def only_old(place):
    """The checkpoint of step 1, which at the end is alone in its folder and as it was."""
    shutil.rmtree(place / NEW)
    before = contents(place)
    yield place
    assert contents(place) == before


def contents(place):
    return {path: path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


def use(mpiexec, place, notes, *argv, ranks=2, code=0, wrap=()):
    """Run the program; check its exit code, and that all ranks tell the same; return what."""
    notes.mkdir()
    program = [sys.executable, str(PROGRAM), str(place), "--notes", str(notes), *map(str, argv)]
    done = run_job(
        [*wrap, *mpiexec.command(ranks, program, SECONDS)],
        env={**os.environ, **mpiexec.environment()},
        timeout=SECONDS,
    )
    assert not done.timed_out
    assert not done.leftovers
    if code is None:
        return done
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == (1 if code else 0), done.stderr
    outcomes = [file.read_text() for file in sorted(notes.glob("*.outcome"))]
    assert len(outcomes) == ranks
    assert len(set(outcomes)) == 1, outcomes
    return outcomes[0]


def flip(file, place):
    """Flip one bit."""
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def test_a_flipped_bit_names_file_and_slab_and_falls_back(mpiexec, place, tmp_path):
    flip(place / NEW / "u.npy", -8192 * 3)
    told = use(mpiexec, place, tmp_path / "1")
    reason = "u.npy is damaged in slab 0 (rows 0 to 63): its checksum is wrong"
    assert told == f"restored 1, True, skipped (('{NEW}', '{reason}'),)"
    flip(place / OLD / "metadata.json", 40)
    told = use(mpiexec, place, tmp_path / "2", code=1)
    assert told.startswith(
        f"FileError: no checkpoint in {place} is valid ({NEW}: {reason}; {OLD}: "
    )


def test_a_truncated_field_and_no_metadata(mpiexec, place, tmp_path):
    os.truncate(place / NEW / "u.npy", 5000)
    (place / OLD / "metadata.json").unlink()
    told = use(mpiexec, place, tmp_path / "1", ranks=3, code=1)
    assert f"({NEW}: {place / NEW}/u.npy is truncated: it has 5000 bytes" in told
    assert f"; {OLD}: metadata.json cannot be read: No such file" in told


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--dtype", "f4"], "holds u of dtype <f8, but float32 was asked for"),
        (["--rows", "32"], "holds u of shape (64, 1024), but the decomposition is of (32, 1024)"),
        (["--dx", "0.25"], "dx = 0.25, but "),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_another_dtype_shape_or_parameter_at_restart(mpiexec, prepared, tmp_path, argv, words):
    told = use(mpiexec, prepared, tmp_path / "1", *argv, code=2)
    assert told.startswith("InputError: ")
    assert words in told


def test_no_checkpoint(mpiexec, tmp_path):
    told = use(mpiexec, tmp_path / "c", tmp_path / "1", code=2)
    assert told.startswith("InputError: there is no checkpoint in")
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("die", ["one", "all"])
def test_killed_in_mid_write(mpiexec, only_old, tmp_path, die):
    before = contents(only_old)
    done = use(mpiexec, only_old, tmp_path / "1", "--write", 2, "--die", die, code=None)
    assert done.returncode != 0
    stale = only_old / f"{NEW}.tmp"
    assert sorted(path.name for path in stale.iterdir()) == ["metadata.json", "u.npy"]
    assert {path: before[path] for path in before if path in contents(only_old)} == before
    told = use(mpiexec, only_old, tmp_path / "2", ranks=3)
    assert told == "restored 1, True, skipped ()"
    use(mpiexec, only_old, tmp_path / "3", "--write", 3)
    assert sorted(path.name for path in only_old.iterdir()) == [OLD, "ckpt-000000003"]
    shutil.rmtree(only_old / "ckpt-000000003")


def test_no_space_that_a_limit_on_file_sizes_stands_in_for(mpiexec, only_old, tmp_path):
    options = ["--write", 2, "--rows", 512, "--limit", 2**20]
    told = use(mpiexec, only_old, tmp_path / "1", *options, code=1)
    assert told.startswith("FileError: cannot ")


def can_mount():
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


if can_mount():  # as root only; the test above stands in for it elsewhere

    @pytest.mark.parametrize(
        ("insist", "code", "words"),
        [
            ([], 2, "the checkpoint of step 2 needs"),
            (["--insist"], 1, "check free space and quota"),
        ],
        ids=["by the numbers", "insisting"],
    )
    def test_no_space_on_a_full_file_system(mpiexec, only_old, tmp_path, insist, code, words):
        disk, after = tmp_path / "disk", tmp_path / "after"
        disk.mkdir()
        after.mkdir()
        places = map(str, (disk, only_old, disk, after))
        wrap = ["unshare", "-m", "sh", "-c", f"{MOUNT} && {KEEP}", "sh", *places]
        options = ["--write", 2, "--rows", 512, *insist]
        told = use(mpiexec, disk, tmp_path / "1", *options, code=code, wrap=wrap)
        assert words in told
        assert sorted(contents(after).values()) == sorted(contents(only_old).values())
        assert [path.name for path in after.iterdir()] == [OLD]


def test_no_permission(mpiexec, only_old, tmp_path):
    only_old.chmod(0o555)
    # Root without this capability is as any other user before a folder.
    wrap = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    told = use(mpiexec, only_old, tmp_path / "1", "--write", 2, code=2, wrap=wrap)
    assert told == f"InputError: checkpoints {only_old} cannot be written: Permission denied"
    only_old.chmod(0o755)
