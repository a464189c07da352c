"""The file ``metadata.json`` of a checkpoint. No MPI: one rank calls it."""

import os
from pathlib import Path

from hpcpy_core.errors import FileError
from hpcpy_mpiio.checkpoints.generations import read_step
from hpcpy_mpiio.checkpoints.metadata import Metadata, decode_metadata, encode_metadata
from hpcpy_mpiio.failing import failing

__all__ = ["read_metadata", "write_metadata"]

LARGEST_FILE = 1 << 26


def write_metadata(generation: Path, metadata: Metadata) -> None:
    """Write the metadata into a generation that is not published yet, down to the disk. Local.

    Raises
    ------
    FileError
        If the disk refuses.
    """
    text = encode_metadata(metadata)
    path = generation / "metadata.json"
    with (
        failing(f"write {path}", "check free space and quota"),
        path.open("x", encoding="utf-8") as stream,
    ):
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def read_metadata(generation: Path) -> Metadata:
    """Read the metadata of a generation. Local.

    Raises
    ------
    FileError
        If it is missing, damaged, of an unknown schema, or another step's.
    """
    path = generation / "metadata.json"
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise ValueError(f"it is larger than {LARGEST_FILE} bytes")
        metadata = decode_metadata(content.decode())
        if metadata.step != read_step(generation):
            raise ValueError(f"it is that of step {metadata.step}")
    except OSError as error:
        raise FileError(f"metadata.json cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise FileError(f"metadata.json is damaged: {error}") from error
    return metadata
