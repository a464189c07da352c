"""The script finds a Python and says what it lacks; the whole way is rehearsed by a person."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "gpu.sh"
FAKE = """\
#!/bin/sh
case "$*" in
    *find_spec*) exit {code} ;;
    *) echo "{name} $*" ;;
esac
"""


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Return a function that runs the script where PATH has these Pythons and basics."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "dirname"):
        (folder / name).symlink_to(f"/usr/bin/{name}")

    def start(*arguments, pythons=(), **environ):
        for name, has_cupy in pythons:
            path = folder / name
            path.write_text(FAKE.format(name=name, code=0 if has_cupy else 1))
            path.chmod(0o755)
        return subprocess.run(
            ["bash", str(SCRIPT), *arguments],
            env={"PATH": str(folder), **environ},
            capture_output=True,
            text=True,
        )

    return start


def test_the_first_python_with_cupy_is_taken(start):
    done = start("--rehearse", pythons=[("python3", False), ("python3.12", True)])
    assert done.stdout == f"python3.12 -B {SCRIPT.parent}/gpu --rehearse\n"


def test_without_cupy_it_is_python3_which_says_so(start):
    done = start(pythons=[("python3", False), ("python3.12", False)])
    assert done.stdout == f"python3 -B {SCRIPT.parent}/gpu\n"


def test_the_python_that_is_named_is_taken(start, tmp_path):
    pythons = [("python3", True), ("mine", False)]
    done = start(pythons=pythons, HPCPY_PYTHON=str(tmp_path / "bin" / "mine"))
    assert done.stdout == f"mine -B {SCRIPT.parent}/gpu\n"


def test_without_python_it_says_how_to_name_one(start):
    done = start()
    assert done.returncode == 2
    assert "name one with CuPy by HPCPY_PYTHON" in done.stderr


@pytest.fixture
def main(tmp_path):
    """Return a function that starts the whole of it, beside no bundle."""
    (tmp_path / "ci").mkdir()
    for name in ("gpu", "gpu.sh"):
        (tmp_path / "ci" / name).symlink_to(SCRIPT.with_name(name))

    def main(*arguments):
        return subprocess.run(
            [sys.executable, "-B", str(SCRIPT.with_name("gpu")), *arguments],
            env={**os.environ, "TMPDIR": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    return main


def test_an_option_that_is_none_is_refused(main):
    done = main("--fast")
    assert done.returncode == 2
    assert "unrecognized arguments: --fast" in done.stderr


def test_results_that_cannot_be_written_are_told_first(main, tmp_path):
    (tmp_path / "file").touch()
    done = main("--results", str(tmp_path / "file" / "results"))
    assert done.returncode == 2
    assert "Not a directory" in done.stderr
    assert not list(tmp_path.glob("hpcpy-gpu-*"))
