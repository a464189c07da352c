"""Unpack a tar file, of any compression."""

import lzma
import tarfile
import zlib
from pathlib import Path

from hpcpy_core.errors import HpcpyError, InputError

__all__ = ["unpack_tar"]


def unpack_tar(tar: Path, folder: Path) -> None:
    """Unpack what is in `tar` into `folder`, with its dates. Local.

    Raises
    ------
    InputError
        The file is damaged, or no tar file.
    HpcpyError
        The folder cannot be written.
    """
    try:
        with tarfile.open(tar) as archive:
            # By its name, since Python 3.11.2 of Debian 12 has no argument for it.
            if hasattr(tarfile, "data_filter"):
                archive.extraction_filter = tarfile.data_filter
            archive.extractall(folder)
    except (EOFError, lzma.LZMAError, tarfile.TarError, zlib.error) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{tar} is no tar file that can be unpacked: {reason}") from error
    except OSError as error:
        raise HpcpyError(f"cannot unpack {tar}: {error.strerror or error}") from error
