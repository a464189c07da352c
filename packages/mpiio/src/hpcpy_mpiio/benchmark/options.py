"""The values of the benchmark's options: hints."""

import click

__all__ = ["Hint"]


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
