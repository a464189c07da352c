"""The options that choose device and transport. Starts no MPI."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from hpcpy_core.device_request import parse_request
from hpcpy_core.errors import InputError

__all__ = ["device_options"]

Command = TypeVar("Command", bound=Callable[..., Any])

FORCE = "hpcpy_core.force_direct"
"""What the context of a command calls it."""


class DeviceName(click.ParamType[str]):
    """Where to compute, as `hpcpy_core.device_request` has it."""

    name = "DEVICE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Refuse what names no device."""
        try:
            parse_request(str(value))
        except InputError as error:
            self.fail(str(error), param, ctx)
        return str(value)


def device_options(command: Command) -> Command:
    """Add ``--device`` and ``--transport``; their environment variables are read here only.

    ``--force-direct`` reaches the callback as the transport ``force-direct``.
    """
    for option in (
        click.option(
            "--force-direct",
            is_flag=True,
            is_eager=True,  # before --transport, which looks whether it was given
            expose_value=False,
            callback=_remember_force,
            help="Hand device memory to MPI without a proof: may crash, or give wrong data.",
        ),
        click.option(
            "--transport",
            type=click.Choice(["auto", "host", "staged", "direct"]),
            default="auto",
            envvar="HPCPY_TRANSPORT",
            show_envvar=True,
            callback=_apply_force,
            help="How arrays reach MPI.",
        ),
        click.option(
            "--device",
            type=DeviceName(),
            metavar="[auto|cpu|gpu|gpu:N]",
            default="auto",
            envvar="HPCPY_DEVICE",
            show_envvar=True,
            help="Where to compute; auto takes only what was proven here, gpu:N is one GPU.",
        ),
    ):
        command = option(command)
    return command


def _remember_force(ctx: click.Context, _: click.Parameter, given: bool) -> None:
    ctx.meta[FORCE] = given


def _apply_force(ctx: click.Context, param: click.Parameter, transport: str) -> str:
    """Return the transport that was asked for, the word of the command line before others."""
    if not ctx.meta.get(FORCE):
        return transport
    typed = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
    if typed and transport not in ("auto", "direct"):
        raise click.UsageError(
            f"--force-direct and --transport {transport} exclude each other: leave one out"
        )
    return "force-direct"
