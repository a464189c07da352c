"""The header of a .npy file: what numpy.lib.format knows, checked. No MPI.

The layout is NumPy's NEP 1: magic, version, header length, a Python literal that
gives dtype, order and shape, padding, and then the items without gaps.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.failing import failing

__all__ = ["Header", "Order", "check_size", "decode_header", "encode_header", "read_header"]

Order = Literal["C", "F"]
"""Which axis varies fastest in the file: the last one, or the first one."""

# NumPy's own limit: the literal is parsed by Python, which long input can exhaust.
LONGEST_LITERAL = 10_000
LENGTH_FORMATS = {(1, 0): "<H", (2, 0): "<I", (3, 0): "<I"}
MOST_AXES = 64
LONGEST_HEADER = npy.MAGIC_LEN + 4 + LONGEST_LITERAL


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the items of a .npy file are and where they start."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int
    fortran_order: bool = False

    @property
    def order(self) -> Order:
        """C or Fortran order of the items, in NumPy's letters."""
        return "F" if self.fortran_order else "C"

    @property
    def nbytes(self) -> int:
        """Bytes of all items."""
        return prod(self.shape) * self.dtype.itemsize

    @property
    def file_size(self) -> int:
        """Bytes of the whole file: offset of the items and the items."""
        return self.offset + self.nbytes


@lru_cache(maxsize=64)  # a run saves the same few kinds of array again and again
def encode_header(shape: tuple[int, ...], dtype: np.dtype[Any], order: Order = "C") -> bytes:
    """Return the bytes that `numpy.save` puts before the items of an array.

    Where C and Fortran order are the same sequence of items, as for one axis, the
    header says C, as NumPy's does.

    Raises
    ------
    InputError
        If no reader could rebuild `dtype` from a header: items that are Python
        objects, overlapping fields, field names outside Latin-1 or too many fields.
    """
    stream = BytesIO()
    try:
        if dtype.hasobject:
            raise ValueError("its items are Python objects, not bytes of a fixed size")
        description = npy.dtype_to_descr(dtype)
        fortran_order = order == "F" and not _is_one_run(shape)
        npy.write_array_header_1_0(
            stream,
            {
                "descr": description,
                "fortran_order": fortran_order,
                "shape": tuple(map(int, shape)),
            },
        )
        if decode_header(stream.getvalue()).dtype != dtype:
            raise ValueError("its layout is lost in a header")
    except ValueError as error:
        raise InputError(
            f"dtype {dtype} cannot be saved as .npy ({error}): convert the block with "
            "block.astype(...) to numbers, fixed-length strings or simple fields"
        ) from error
    return stream.getvalue()


def decode_header(content: bytes) -> Header:
    """Parse the first bytes of a .npy file; bytes beyond the header do no harm.

    Parameters
    ----------
    content
        At least the header; `LONGEST_HEADER` bytes always suffice.

    Raises
    ------
    ValueError
        If it is not a header, or describes Python objects: those are pickles,
        which run code when they are read.
    """
    stream = BytesIO(content)
    version = npy.read_magic(stream)
    if version not in LENGTH_FORMATS:
        raise ValueError(f"format version {version} is unknown")
    prefix = struct.Struct(LENGTH_FORMATS[version])
    (length,) = prefix.unpack(stream.read(prefix.size).ljust(prefix.size, b"\0"))
    if length > LONGEST_LITERAL:
        raise ValueError(f"the header claims {length} bytes, more than {LONGEST_LITERAL}")
    literal = stream.read(length)
    if len(literal) < length:
        raise ValueError(f"it ends inside the header, after {len(content)} bytes")
    if version == (3, 0):
        # NumPy has no public reader for 3.0, which is 2.0 in UTF-8: as escapes both are equal.
        literal = literal.decode("utf-8").encode("ascii", "backslashreplace")
    shape, fortran_order, dtype = _parse_literal(literal)
    return Header(shape=shape, dtype=dtype, offset=stream.tell(), fortran_order=fortran_order)


def read_header(path: Path) -> Header:
    """Read the header of a file. Local.

    Raises
    ------
    InputError
        If there is no such file, or it is no regular file.
    FileError
        If it cannot be read, is not .npy, or holds Python objects.
    """
    with failing(f"read {path}", "check the path and your rights"):
        if not path.is_file():
            what = "is not a regular file" if path.exists() else "does not exist"
            raise InputError(f"{path} {what}: give the path of a .npy file")
        with path.open("rb") as stream:
            content = stream.read(LONGEST_HEADER)
    try:
        return decode_header(content)
    except ValueError as error:
        raise FileError(
            f"{path} cannot be read as .npy: {error}; save it anew with numpy.save"
        ) from error


def check_size(path: Path, header: Header) -> None:
    """Refuse a file that is not exactly its header and its items. Local.

    Raises
    ------
    FileError
        If it is truncated or too long.
    """
    with failing(f"read {path}", "check that it is still there"):
        size = path.stat().st_size
    if size != header.file_size:
        fault = "is truncated" if size < header.file_size else "is too long"
        raise FileError(
            f"{path} {fault}: it has {size} bytes, and its header (shape {header.shape}, dtype "
            f"{header.dtype}) needs {header.file_size}; save it anew"
        )


def _is_one_run(shape: tuple[int, ...]) -> bool:
    """Say whether C and Fortran order of a shape are the same sequence."""
    return prod(shape) == 0 or sum(length != 1 for length in shape) <= 1


def _parse_literal(literal: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Let NumPy parse the literal, and refuse what no array can be."""
    try:
        shape, fortran_order, dtype = npy.read_array_header_2_0(
            BytesIO(struct.pack("<I", len(literal)) + literal)
        )
    except Exception as error:  # a damaged literal can raise nearly anything
        raise ValueError(f"the header is damaged ({error})") from error
    if dtype.hasobject:
        raise ValueError("its items are Python objects (pickles are never loaded)")
    if dtype.subdtype is not None or min(shape, default=0) < 0 or len(shape) > MOST_AXES:
        raise ValueError(f"no array has shape {shape} and dtype {dtype}")
    return shape, fortran_order, dtype
