"""Lets the tests import the scripts of ci/gpu/, and makes what stands for a bundle."""

import hashlib
import io
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

OWN = f"cp{sys.version_info.major}{sys.version_info.minor}"
OTHER = f"cp{sys.version_info.major}{sys.version_info.minor + 1}"


@pytest.fixture
def bundle(tmp_path):
    """A bundle of a pure wheel, of one for each of two Pythons, and of an MPI of one program."""
    folder = tmp_path / "bundle"
    (folder / "wheels").mkdir(parents=True)
    lock = ""
    for name, python in (("pure_part", "py3"), ("compiled", OWN), ("compiled", OTHER)):
        wheel = folder / "wheels" / f"{name}-1.0-{python}-none-any.whl"
        with ZipFile(wheel, "w") as archive:
            archive.writestr(f"{name}.py", f"PYTHON = '{python}'\n")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lock += f"{name.replace('_', '-')}==1.0 \\\n    --hash=sha256:{digest}\n"
    (folder / "requirements.txt").write_text(lock)
    with tarfile.open(folder / "cuda-mpi.tar.xz", "w:xz") as archive:
        program = b"#!/bin/sh\necho mpiexec of the bundle $*\n"
        member = tarfile.TarInfo("cuda-mpi/bin/mpiexec")
        member.size, member.mode = len(program), 0o755
        archive.addfile(member, io.BytesIO(program))
    return folder


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder
