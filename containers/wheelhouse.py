"""Gather every wheel of an image, so that its build needs no network.

Usage: python containers/wheelhouse.py --mpi mpich --flavour cpu

The folder build/wheelhouse/<image>/ then holds the wheels and requirements.txt, a lock
of all of them with one hash each, and the CUDA-built MPI where the image gets that. What
is there already is not downloaded again, and all images share the files of
build/wheelhouse/store/.
"""

import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import click
from packaging.utils import parse_wheel_filename

from hpcpy_core.run_alone import run_alone
from image import Image, image_options
from mpi_tar import find_mpi_tar
from pins import PYTHON, Pin, lock_release, merge_pins
from programs import call

__all__ = ["build_ours", "complete_lock", "download", "gather", "sha256"]

ROOT = Path(__file__).resolve().parent.parent
GLIBC = 36
"""Wheels may need up to glibc 2.36, that of Debian bookworm."""
SOURCE_DATE_EPOCH = "315532800"  # 1980, the first year that a zip file can name
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def gather(image: Image, root: Path = ROOT) -> Path:
    """Bring the wheels of `image` together; return their folder. Local.

    Raises
    ------
    InputError
        The locks disagree, there is no such release of the MPI, or the CUDA-built one was
        not made.
    HpcpyError
        A wheel cannot be downloaded or built.
    """
    mpi = find_mpi_tar(root) if image.cuda_mpi else None
    place = root / "build" / "wheelhouse"
    store = place / "store"
    locks = [root / "requirements" / f"{name}.txt" for name in image.locks]
    if image.mpi_version:
        locks.append(lock_release(image.mpi, image.mpi_version, place))
    wheels = [*download(merge_pins(locks), store), *build_ours(root, place / "ours")]
    folder = place / image.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for wheel in wheels:
        os.link(wheel, folder / wheel.name)
    (folder / "requirements.txt").write_text(complete_lock(wheels))
    if mpi:
        shutil.copy(mpi, folder)
        (folder / f"{mpi.name}.sha256").write_text(f"{sha256(mpi)}  {mpi.name}\n")
    return folder


def download(pins: Iterable[Pin], store: Path, python: str = PYTHON) -> list[Path]:
    """Return one wheel for each pin, for a Python, downloading those missing. Local.

    Raises
    ------
    HpcpyError
        There is none with one of the pin's hashes.
    """
    store.mkdir(parents=True, exist_ok=True)
    found = {pin: stored(pin, store, python) for pin in pins}
    missing = [pin for pin, wheel in found.items() if wheel is None]
    if missing:
        click.echo(f"downloading {len(missing)} wheels into {store}", err=True)
        fetch(missing, store, python)
        found |= {pin: stored(pin, store, python) for pin in missing}
    return [wheel for wheel in found.values() if wheel]


def fetch(pins: Iterable[Pin], store: Path, python: str) -> None:
    """Let pip download the wheels of these pins that fit a Python."""
    wanted = store / "wanted.txt"
    wanted.write_text("".join(requirement(pin) for pin in pins))
    machine = platform.machine()
    tags = [f"manylinux_2_{minor}" for minor in range(GLIBC, 4, -1)]
    tags += ["manylinux2014", "manylinux2010", "manylinux1"]
    words = [word for tag in tags for word in ("--platform", f"{tag}_{machine}")]
    words += ["--python-version", python, "--implementation", "cp"]
    words += ["--require-hashes", "--only-binary", ":all:", "--no-cache-dir", "--no-deps"]
    call([*PIP, "download", *words, "--dest", str(store), "--requirement", str(wanted)])


def stored(pin: Pin, store: Path, python: str) -> Path | None:
    """Return the wheel of a pin that is in the store, fits a Python and has the right hash."""
    fitting = {f"cp{python.replace('.', '')}", "py3"}
    for wheel in sorted(store.glob("*.whl")):
        name, version, _, tags = parse_wheel_filename(wheel.name)
        fits = any(tag.interpreter in fitting or tag.abi == "abi3" for tag in tags)
        same = (name, str(version)) == (pin.name, pin.version)
        if same and fits and sha256(wheel) in pin.hashes:
            return wheel
    return None


def build_ours(root: Path, folder: Path) -> list[Path]:
    """Build the wheel of every package of the checkout; the same sources give the same wheel."""
    shutil.rmtree(folder, ignore_errors=True)
    packages = [path.parent for path in sorted(root.glob("packages/*/pyproject.toml"))]
    words = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), *map(str, packages)]
    call([*PIP, "wheel", *words], SOURCE_DATE_EPOCH=SOURCE_DATE_EPOCH)
    return sorted(folder.glob("*.whl"))


def complete_lock(wheels: Iterable[Path]) -> str:
    """Return a lock of exactly these files; one release may have several. Local."""
    hashes: dict[tuple[str, str], set[str]] = {}
    for wheel in wheels:
        name, version, *_ = parse_wheel_filename(wheel.name)
        hashes.setdefault((name, str(version)), set()).add(sha256(wheel))
    pins = (
        Pin(name=name, version=version, hashes=frozenset(found))
        for (name, version), found in sorted(hashes.items())
    )
    return "".join(map(requirement, pins))


def requirement(pin: Pin) -> str:
    """Return a pin as a line of a lock."""
    hashes = "".join(f" \\\n    --hash=sha256:{digest}" for digest in sorted(pin.hashes))
    return f"{pin.name}=={pin.version}{hashes}\n"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@click.command("wheelhouse.py")
@image_options
def main(**fields: str) -> None:
    """Gather the wheels of an image, and print their folder."""
    click.echo(gather(Image(**fields)))


if __name__ == "__main__":
    sys.exit(run_alone(main, None))
