"""Refuse output that cannot be written before the work is done, not after it."""

from importlib.util import find_spec
from pathlib import Path

from hpcpy_core.errors import InputError
from hpcpy_core.replacing import find_obstacle, replacing

__all__ = ["check_plot", "check_writable", "write_text"]


def check_writable(path: Path | None, option: str) -> None:
    """Check that `replacing` will take `path`; None is nothing to check. Local: one rank calls it.

    Raises
    ------
    InputError
        Names the option, the file and the reason.
    """
    if path is None:
        return
    obstacle = find_obstacle(path)
    if obstacle is not None:
        raise InputError(f"{option} {path} cannot be written: {obstacle}")


def check_plot(path: Path | None) -> None:
    """Check that a picture can be drawn and written; None is nothing to check. Local.

    Parameters
    ----------
    path
        Of the picture.

    Raises
    ------
    InputError
        If matplotlib is missing, or the file cannot be written.
    """
    if path is not None and find_spec("matplotlib") is None:
        raise InputError("--plot needs matplotlib, which is not installed: pip install matplotlib")
    check_writable(path, "--plot")


def write_text(path: Path, text: str) -> None:
    """Write a text file as a whole or not at all. Local: one rank calls it.

    Raises
    ------
    FileError
        If it cannot be written; an older file is then still there.
    """
    with replacing(path) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")
