"""What an image installs from the index: the pins of the locks that fit its Python.

The locks in requirements/ are universal, with markers; an image has one Python on one
kind of machine, so here the markers are decided.
"""

import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.replacing import replacing
from programs import call

__all__ = ["PYTHON", "Pin", "describe_target", "lock_release", "merge_pins", "read_pins"]

UV = (sys.executable, "-m", "uv")
PYTHON = "3.11"
"""Of Debian bookworm and of the default base image."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One distribution of a lock.

    Parameters
    ----------
    name
        Normalised.
    version
        The only one.
    hashes
        SHA-256 of each of its files, in hexadecimal.
    """

    name: str
    version: str
    hashes: frozenset[str]


def describe_target(python: str = PYTHON) -> dict[str, str]:
    """Return what markers are decided by: a Python on Linux, on this kind of machine. Local."""
    return {
        "platform_machine": platform.machine(),
        "platform_release": "",
        "platform_version": "",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
    }


def read_pins(lock: Path, python: str = PYTHON) -> list[Pin]:
    """Return the pins of a lock that hold for a Python on this kind of machine. Local.

    Raises
    ------
    InputError
        A line is not ``name==version`` with SHA-256 hashes.
    """
    pins = []
    for line in lock.read_text().replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        head, *hashes = line.split(" --hash=sha256:")
        wanted = Requirement(head)
        exact = str(wanted.specifier).removeprefix("==")
        if not hashes or not exact[:1].isdigit() or "," in exact:
            raise InputError(f"{lock}: {head.strip()} is not pinned with hashes: nox -s lock")
        if wanted.marker is None or wanted.marker.evaluate(describe_target(python)):
            digests = frozenset(text.strip() for text in hashes)
            name = canonicalize_name(wanted.name)
            pins.append(Pin(name=name, version=exact, hashes=digests))
    return pins


def merge_pins(locks: Iterable[Path], python: str = PYTHON) -> list[Pin]:
    """Return the pins of several locks, sorted by name. Local.

    Raises
    ------
    InputError
        Two locks want different versions of one distribution.
    """
    merged: dict[str, Pin] = {}
    for lock in locks:
        for pin in read_pins(lock, python):
            known = merged.setdefault(pin.name, pin)
            if known.version != pin.version:
                raise InputError(
                    f"{lock} wants {pin.name} {pin.version}, another lock {known.version}: "
                    "compile both with `nox -s lock`"
                )
    return [merged[name] for name in sorted(merged)]


def lock_release(name: str, version: str, folder: Path) -> Path:
    """Return a lock of one release, made now if there is none yet in `folder`. Local.

    The hashes are those that the index names at this moment; from then on they hold.

    Raises
    ------
    InputError
        The index has no such release.
    """
    lock = folder / f"{name}-{version}.txt"
    if not lock.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(lock) as temporary, NamedTemporaryFile("w", suffix=".in") as wanted:
            wanted.write(f"{name}=={version}\n")
            wanted.flush()
            words = ["--quiet", "--universal", "--python-version", PYTHON, "--generate-hashes"]
            words += ["--no-deps", "--no-header", "--no-annotate", "--no-emit-index-url"]
            words += ["--no-emit-find-links", "--output-file", str(temporary), wanted.name]
            try:
                call([*UV, "pip", "compile", *words])
            except HpcpyError as error:
                raise InputError(f"no {name} {version} can be had: {error}") from error
    return lock
