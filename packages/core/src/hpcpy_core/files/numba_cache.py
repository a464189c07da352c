"""Compile with Numba, and keep the machine code where nobody else can put any. Starts no MPI.

Numba's own cache believes every pickle that it finds, ends the program with a traceback if one
is damaged or if it has no place to write, and does not know when a function that was inlined
has changed. `cached_njit` is ``njit(cache=True)`` without these. Whatever goes wrong with the
cache, the function is compiled anew.
"""

import hashlib
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from hpcpy_core.files.private_cache import folder_below, private_folder, say_once
from hpcpy_core.files.sealed import is_usable, seal
from hpcpy_core.replacing import name_beside

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["cached_njit", "numba_compiles"]

F = TypeVar("F", bound=Callable[..., Any])


def cached_njit(*signatures: object, **options: object) -> Callable[[F], F]:
    """Return a decorator like ``numba.njit(cache=True)``. Local.

    Parameters
    ----------
    signatures
        For which the function is compiled at once, and for no others later.
    options
        Of `numba.njit`, without ``cache``.
    """
    from numba import njit

    def decorate(function: F) -> F:
        compiled: Any = njit(**options)(function)
        if not hasattr(compiled, "py_func"):  # NUMBA_DISABLE_JIT: it stays Python
            return function
        try:
            compiled._cache = _make_cache(function)
        except Exception as error:  # another Numba, no place, a file system that refuses
            say_once(f"machine code is not kept: {error}")
        for signature in signatures:
            compiled.compile(signature)
        if signatures:
            compiled.disable_compile()
        return cast("F", compiled)

    return decorate


@cache
def numba_compiles() -> bool:
    """Say whether Numba is here, can be imported and may compile (NUMBA_DISABLE_JIT). Local."""
    try:
        from numba import config
    except Exception:  # of its many parts, each of which may not fit another
        return False
    return not config.DISABLE_JIT


def _make_cache(function: Callable[..., Any]) -> object:
    """Return what Numba asks for the machine code of a function."""
    from numba.core import caching

    class Place:
        """Where it is, which Numba calls a locator."""

        def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
            self._py_file = py_file
            self._line = str(py_func.__code__.co_firstlineno)
            self._folder = _find_folder(str(Path(py_file).parent))

        @classmethod
        def from_function(cls, py_func: Callable[..., Any], py_file: str) -> "Place":
            return cls(py_func, py_file)

        def get_cache_path(self) -> str:
            return str(self._folder)

        def get_source_stamp(self) -> str:
            return _digest_sources(Path(self._py_file).parent)

        def get_disambiguator(self) -> str:
            return self._line

        def ensure_cache_path(self) -> None:
            """Do nothing: it is there."""

    class Impl(caching.CompileResultCacheImpl):  # type: ignore[misc]  # Numba has no types
        _locator_classes = (Place,)

    class Files(caching.IndexDataCacheFile):  # type: ignore[misc]  # as above
        """The index and the machine code: believed only where they are whole."""

        def _load_index(self) -> dict[Any, str]:
            if not is_usable(Path(self._index_path)):
                return {}
            index: dict[Any, str] = super()._load_index()
            return index

        def _load_data(self, name: str) -> object:
            path = Path(self._data_path(name))
            if not is_usable(path):
                raise OSError(f"{path} is damaged")  # which Numba takes for none
            return super()._load_data(name)

        def _open_for_write(self, filepath: str) -> Any:  # noqa: ANN401 - a context manager
            return _write_sealed(Path(filepath))

    class Cache(caching.FunctionCache):  # type: ignore[misc]  # as above
        _impl_class = Impl

        def __init__(self, py_func: Callable[..., Any]) -> None:
            super().__init__(py_func)
            self._cache_file = Files(
                cache_path=self._cache_path,
                filename_base=self._impl.filename_base,
                source_stamp=self._impl.locator.get_source_stamp(),
            )

        def load_overload(self, sig: object, target_context: object) -> object:
            try:
                return super().load_overload(sig, target_context)
            except Exception:  # whatever a pickle raises
                return None

        def save_overload(self, sig: object, data: object) -> None:
            try:
                super().save_overload(sig, data)
            except (OSError, pickle.PicklingError) as error:
                say_once(f"machine code is not kept in {self._cache_path}: {error}")

    return Cache(function)


@cache
def _find_folder(sources: str) -> Path:
    """Return the folder for the machine code of the sources of a folder; say where, if need be."""
    name = f"{Path(sources).name}-{hashlib.sha256(os.fsencode(sources)).hexdigest()[:16]}"
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        try:
            return folder_below(Path(chosen).absolute(), name)
        except OSError as error:
            say_once(f"NUMBA_CACHE_DIR is not used: {error}")
    place = private_folder("numba", name)
    say_once(place.note)
    return place.path


@cache
def _digest_sources(folder: Path) -> str:
    """Return what tells versions apart: a function is inlined into others of its folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


@contextmanager
def _write_sealed(path: Path) -> Iterator["BinaryIO"]:
    """Yield a new file that takes the name `path`, sealed, in the end."""
    temporary = name_beside(path)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        seal(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
