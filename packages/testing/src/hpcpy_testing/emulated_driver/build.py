"""Compile the driver at its first use, and keep it in the user's cache."""

import hashlib
import platform
import tempfile
from pathlib import Path

from hpcpy_core.errors import FileError
from hpcpy_core.files.private_cache import private_folder, say_once
from hpcpy_core.files.sealed import is_usable, seal
from hpcpy_core.find_compiler import require_compiler
from hpcpy_core.tools import run_tool

__all__ = ["build_driver"]

SOURCES = Path(__file__).parent
LIBRARIES = ("libcuda", "libnvidia-ml")
"""The folders of their sources, and what they are called."""

FLAGS = (
    *("-std=gnu11", "-D_GNU_SOURCE", "-O1", "-fPIC", "-shared", "-pthread"),
    *("-fvisibility=hidden", "-Wl,-Bsymbolic"),
    # UCX writes a jump over the first bytes of some entries: each needs room of its own.
    *("-falign-functions=32", "-fno-ipa-icf"),
)
SECONDS = 300
"""Enough on a very busy machine; it takes about 1 s."""


def build_driver() -> Path:
    """Return the folder of the emulated driver, to be put first in LD_LIBRARY_PATH. Local.

    It is compiled if these sources were not compiled before; processes that do
    so at the same time do not disturb each other. Programs are linked with
    ``-L FOLDER -l cuda``.

    Raises
    ------
    InputError
        If there is no C compiler.
    FileError
        If the cache cannot be written.
    """
    sources = {name: sorted((SOURCES / name).glob("*.[ch]")) for name in LIBRARIES}
    identity = hashlib.sha256(repr((FLAGS, platform.machine())).encode())
    for paths in sources.values():
        for path in paths:
            identity.update(path.read_bytes())
    place = private_folder("emulated_driver")
    say_once(place.note)
    folder = place.path / identity.hexdigest()[:16]
    if not all(is_usable(folder / f"{name}.so.1") for name in LIBRARIES):
        _compile(sources, folder)
    return folder


def _compile(sources: dict[str, list[Path]], folder: Path) -> None:
    """Make the folder as a whole or not at all."""
    compiler = require_compiler("C", "the emulated CUDA driver")
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            made = Path(temporary, "made")
            made.mkdir()
            for name, paths in sources.items():
                library = made / f"{name}.so.1"
                files = [str(path) for path in paths if path.suffix == ".c"]
                soname = f"-Wl,-soname,{library.name}"
                run_tool([*compiler, *FLAGS, soname, "-o", str(library), *files, "-ldl"], SECONDS)
                seal(library)
                library.chmod(0o700)
                (made / f"{name}.so").symlink_to(library.name)
            if folder.exists() and not all(is_usable(folder / f"{each}.so.1") for each in sources):
                folder.rename(Path(temporary, "damaged"))
            made.rename(folder)
    except OSError as error:
        if folder.exists():  # another process was first, and its folder is as good
            return
        raise FileError(
            f"cannot keep the emulated CUDA driver in {folder.parent}: "
            f"{error.strerror or error}. Name a writable folder in XDG_CACHE_HOME"
        ) from error
