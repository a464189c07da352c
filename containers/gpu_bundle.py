"""Gather what a machine with a GPU and no network needs for ci/gpu.sh.

Usage: python containers/gpu_bundle.py

The folder build/gpu-bundle/ then holds the wheels, for each Python of `PYTHONS`, a lock of
them with their hashes, the CUDA-built MPI, the GPU tests and ci/gpu.sh: plain files, in a
tar file beside it too. NumPy and CuPy are expected there.
"""

import os
import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import click

from hpcpy_core.errors import HpcpyError
from hpcpy_core.replacing import replacing
from hpcpy_core.run_alone import run_alone
from mpi_tar import find_mpi_tar
from pins import merge_pins
from wheelhouse import build_ours, complete_lock, download

__all__ = ["make_bundle"]

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
LIMIT = 60 * 2**20
"""Bytes: it may have to travel over slow or narrow ways."""

PLAIN = (
    *("LICENSE", "pyproject.toml", "ci/gpu.sh", "ci/gpu/*.py"),
    *("packages/*/tests/*.py", "packages/*/tests/gpu/**/*.py"),
)
README = "docs/containers/gpu.md"


def make_bundle(root: Path = ROOT) -> Path:
    """Make the bundle anew; return its folder. Local.

    Raises
    ------
    InputError
        The MPI was not compiled.
    HpcpyError
        A wheel cannot be had, or all is larger than `LIMIT`.
    """
    mpi = find_mpi_tar(root)
    wheels = sorted({*build_ours(root, root / "build" / "wheelhouse" / "ours"), *gather(root)})
    folder = root / "build" / "gpu-bundle"
    temporary = folder.with_name(".gpu-bundle.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        (temporary / "wheels").mkdir(parents=True)
        for wheel in wheels:
            os.link(wheel, temporary / "wheels" / wheel.name)
        (temporary / "requirements.txt").write_text(complete_lock(wheels))
        shutil.copy(mpi, temporary / mpi.name)
        for path in (path for pattern in PLAIN for path in sorted(root.glob(pattern))):
            target = temporary / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        shutil.copy(root / README, temporary / "README.md")
        check_size(temporary)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    with (
        replacing(folder.with_name(f"{folder.name}.tar.xz")) as packed,
        tarfile.open(packed, "w:xz") as archive,
    ):
        archive.add(folder, arcname=folder.name)
    return folder


def gather(root: Path) -> Iterator[Path]:
    """Yield the wheels of the lock, for each Python."""
    for python in PYTHONS:
        pins = merge_pins([root / "requirements" / "gpu-bundle.txt"], python)
        yield from download(pins, root / "build" / "wheelhouse" / "gpu", python)


def check_size(folder: Path) -> None:
    """Refuse a bundle that is too large."""
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    total = sum(sizes.values())
    if total > LIMIT:
        largest = max(sizes, key=lambda path: sizes[path])
        raise HpcpyError(
            f"the bundle has {total / 2**20:.0f} MiB and may have {LIMIT / 2**20:.0f}: its largest "
            f"file is {largest.relative_to(folder)}, of {sizes[largest] / 2**20:.0f} MiB"
        )


@click.command("gpu_bundle.py")
def main() -> None:
    """Make the bundle, and say where it is and how large."""
    folder = make_bundle()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    packed = folder.with_name(f"{folder.name}.tar.xz").stat().st_size
    click.echo(f"{folder}: {size / 1e6:.1f} MB, and {packed / 1e6:.1f} MB as a .tar.xz beside it")


if __name__ == "__main__":
    sys.exit(run_alone(main, None))
