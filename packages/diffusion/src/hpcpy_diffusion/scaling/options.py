"""The values of the scaling command's options."""

import click

from hpcpy_diffusion.scaling.plan import MODES, Mode

__all__ = ["Modes", "powers_of_two"]


class Modes(click.ParamType[tuple[Mode, ...]]):
    """Modes of scaling, separated by commas."""

    name = "LIST"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Mode, ...]:
        """Turn ``strong,weak`` into names."""
        names = [part.strip() for part in str(value).split(",")]
        for name in names:
            if name not in MODES:
                self.fail(f"unknown mode {name!r}: choose from {', '.join(MODES)}", param, ctx)
        return tuple(mode for mode in MODES if mode in names)


def powers_of_two(most: int) -> str:
    """Return ``1,2,4`` for 4 to 7. Local."""
    return ",".join(str(2**k) for k in range(most.bit_length()))
