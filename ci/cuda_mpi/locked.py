"""Let one process at a time do what two would spoil for each other."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

__all__ = ["locked"]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock until the block is left; wait for the process that holds it. Local.

    The lock ends with its process, however that ends. The file stays.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            click.echo(f"waiting for another process that holds {path}", err=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
