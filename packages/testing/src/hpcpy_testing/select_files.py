"""The test files under the paths that the user gave."""

from collections.abc import Iterable
from pathlib import Path

from hpcpy_core.errors import InputError

__all__ = ["select_files"]


def select_files(paths: Iterable[Path]) -> list[Path]:
    """Return each ``test_*.py``, once, in a stable order. Local.

    Raises
    ------
    InputError
        A path does not exist, or has no test file under it.
    """
    files: dict[Path, None] = {}
    for path in paths:
        found = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
        if not path.exists():
            raise InputError(f"{path} does not exist; give test files or folders that hold them")
        if not found:
            raise InputError(f"no test file under {path}: their names match test_*.py")
        files.update(dict.fromkeys(file.resolve() for file in found))
    return list(files)
