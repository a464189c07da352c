"""What was found out once, kept as JSON in the user's cache. Starts no MPI."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpcpy_core.errors import FileError
from hpcpy_core.files.private_cache import (
    is_trusted,
    make_way,
    private_folder,
    say_once,
    temporary_folder,
)
from hpcpy_core.files.regular import read_bounded
from hpcpy_core.replacing import replacing

__all__ = ["keep_json", "recall_json"]

MOST = 2**20
"""Bytes; a few hundred are usual."""


def keep_json(folder: str, name: str, content: Mapping[str, Any]) -> Path:
    """Write an object, with the key ``digest`` that tells whether it is whole; say where. Local.

    Raises
    ------
    FileError
        If it cannot be kept anywhere.
    """
    sealed = {**content, "digest": _digest(content)}
    text = json.dumps(sealed, indent=2, ensure_ascii=False) + "\n"
    place = private_folder(folder)
    try:
        path = _write(place.path / name, text)
    except FileError as error:  # no room there
        place = temporary_folder(folder, reason=str(error))
        path = _write(place.path / name, text)
    say_once(place.note)
    return path


def recall_json(folder: str, name: str) -> tuple[dict[str, Any], Path] | None:
    """Return what was kept, and where it is; None if there is nothing that is whole. Local.

    A file that is another user's, that others may write, or that is damaged is as none.
    """
    try:
        path = private_folder(folder).path / name
        if not is_trusted(path):
            return None
        content = json.loads(read_bounded(path, MOST))
        digest = content.pop("digest")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return (content, path) if digest == _digest(content) else None


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _write(path: Path, text: str) -> Path:
    make_way(path)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
        temporary.chmod(0o600)
    return path
