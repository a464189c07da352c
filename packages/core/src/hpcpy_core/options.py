"""The values of options that several commands have. Starts no MPI."""

from pathlib import Path

import click

from hpcpy_core.sizes import parse_count

__all__ = ["Bytes", "Picture"]

PICTURES = (".pdf", ".png", ".svg")


class Bytes(click.ParamType[int]):
    """A number of bytes."""

    name = "BYTES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Turn ``64M`` into 67108864."""
        try:
            return parse_count(str(value))
        except ValueError as error:
            self.fail(str(error))


class Picture(click.ParamType[Path]):
    """The file of a picture; its suffix is its format."""

    name = "FILE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Refuse what matplotlib cannot draw."""
        path = Path(str(value))
        if path.suffix.lower() not in PICTURES:
            self.fail(f"{path}: a picture's name ends in {', '.join(PICTURES)}")
        return path
