"""The values of the benchmark's options: lists of names, hints."""

from collections.abc import Sequence

import click

__all__ = ["Hint", "Names"]


class Names(click.ParamType[tuple[str, ...]]):
    """Names out of a few, separated by commas; ``all`` is all of them."""

    name = "LIST"

    def __init__(self, what: str, choices: Sequence[str]) -> None:
        """Take what a name stands for, such as "layout", and the names there are."""
        self.what, self.choices = what, tuple(choices)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Turn ``rows,columns`` into names, each once, in the order of the choices."""
        if value == "all":
            return self.choices
        names = [part.strip() for part in str(value).split(",")]
        for name in names:
            if name not in self.choices:
                self.fail(
                    f"unknown {self.what} {name!r}: choose from {', '.join(self.choices)}, or all"
                )
        return tuple(choice for choice in self.choices if choice in names)


class Hint(click.ParamType[tuple[str, str]]):
    """A key and a value for MPI_Info."""

    name = "KEY=VALUE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Turn ``cb_nodes=2`` into a pair."""
        key, equals, text = str(value).partition("=")
        if not (key.strip() and equals and text.strip()):
            self.fail(f"{value!r} is not a hint such as cb_buffer_size=4194304")
        return key.strip(), text.strip()
