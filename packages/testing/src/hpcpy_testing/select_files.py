"""The test files under the paths that the user gave, and the tests chosen in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hpcpy_core.errors import InputError

__all__ = ["Selection", "select_files"]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What one launch runs: a file or a folder, or some tests of a file.

    Attributes
    ----------
    path
        Of the file or folder.
    tests
        ``Class::test``, ``test[1]`` and the like; all of them where it is empty.
    """

    path: Path
    tests: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """The words for pytest."""
        return [f"{self.path}::{test}" for test in self.tests] or [str(self.path)]


def select_files(words: Iterable[str], *, together: bool = False) -> list[Selection]:
    """Return each ``test_*.py``, once, in a stable order. Local.

    Parameters
    ----------
    words
        Files, folders, or tests of a file: ``test_a.py::test_one[2]``.
    together
        Whether the files of a folder are one selection.

    Raises
    ------
    InputError
        A path does not exist, or has no test file under it.
    """
    chosen: dict[Path, tuple[str, ...]] = {}
    for word in words:
        path, test = _split(word)
        if not path.exists():
            raise InputError(f"{path} does not exist; give test files or folders that hold them")
        found = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
        if not found:
            raise InputError(f"no test file under {path}: their names match test_*.py")
        if test and path.is_dir():
            raise InputError(f"{word}: {path} is a folder: choose tests of a file, or with -k")
        for file in [path] if together else found:
            known = chosen.get(file.resolve())
            # The whole file has each of its tests.
            both = (*(known or ()), test) if test and known != () else ()
            chosen[file.resolve()] = tuple(dict.fromkeys(both))
    return [Selection(path=path, tests=tests) for path, tests in chosen.items()]


def _split(word: str) -> tuple[Path, str]:
    """Return the path and the test that ``PATH::TEST`` names."""
    path, _, test = word.partition("::")
    return (Path(word), "") if Path(word).exists() else (Path(path), test)
