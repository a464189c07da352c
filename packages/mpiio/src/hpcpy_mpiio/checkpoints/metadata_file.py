"""The file ``metadata.json`` of a checkpoint. No MPI: one rank calls it."""

import os
from pathlib import Path

from hpcpy_core.errors import FileError
from hpcpy_core.files.regular import open_regular
from hpcpy_mpiio.checkpoints.generations import LARGEST_METADATA, METADATA, read_step
from hpcpy_mpiio.checkpoints.metadata import Metadata, decode_metadata, encode_metadata
from hpcpy_mpiio.failing import failing, is_settled

__all__ = ["read_metadata", "write_metadata"]

LARGEST_FILE = LARGEST_METADATA


def write_metadata(generation: Path, metadata: Metadata) -> None:
    """Write the metadata into a generation that is not published yet, down to the disk. Local.

    Raises
    ------
    FileError
        If the disk refuses.
    """
    text = encode_metadata(metadata)
    path = generation / METADATA
    new = generation / f"{METADATA}.new"
    with failing(f"write {path}", "check free space and quota"):
        with new.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)  # what marks the generation as ours is there at every moment


def read_metadata(generation: Path) -> Metadata:
    """Read the metadata of a generation. Local.

    Raises
    ------
    FileError
        If it is missing, damaged, of an unknown schema, or another step's.
    """
    try:
        with open_regular(generation / METADATA) as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise ValueError(f"it is larger than {LARGEST_FILE} bytes")
        metadata = decode_metadata(content.decode())
        if metadata.step != read_step(generation):
            raise ValueError(f"it is that of step {metadata.step}")
    except OSError as error:
        failure = FileError(f"metadata.json cannot be read: {error.strerror or error}")
        failure.for_now = not is_settled(error)
        raise failure from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"metadata.json is damaged: {error}") from error
    return metadata
