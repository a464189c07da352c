"""Write the sidecar from which ParaView opens .npy files. No MPI."""

from pathlib import Path

import click

from hpcpy_core.errors import InputError
from hpcpy_mpiio.header import read_header
from hpcpy_mpiio.sidecar.write_xdmf import write_xdmf

__all__ = ["xdmf"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The sidecar.")
@click.option("--name", default="u", show_default=True, help="Of the field.")
@click.option("--origin", help="Place of the first point: a number for each axis, as in -10,-10.")
@click.option("--spacing", help="Between points: a number for each axis, as in 0.1,0.1.")
@click.option("--start", type=float, default=0.0, show_default=True, help="Time of the first file.")
@click.option("--interval", type=float, default=1.0, show_default=True, help="Between two files.")
@click.option("--overwrite", is_flag=True, help="Replace an existing sidecar.")
def xdmf(
    files: tuple[Path, ...],
    output: Path,
    name: str,
    origin: str | None,
    spacing: str | None,
    start: float,
    interval: float,
    overwrite: bool,
) -> None:
    """Let ParaView and VTK open .npy FILES in place, as a series in time.

    Exit code 0: written; 1: a file is not valid; 2: the files are no such series.
    """
    axes = len(read_header(files[0]).shape)
    write_xdmf(
        output,
        [(start + i * interval, {name: file}) for i, file in enumerate(files)],
        origin=_numbers("--origin", origin) if origin else [0.0] * axes,
        spacing=_numbers("--spacing", spacing) if spacing else [1.0] * axes,
        overwrite=overwrite,
    )


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(word) for word in text.split(",")]
    except ValueError:
        raise InputError(f"{option} {text}: give numbers with commas, as in 0.5,0.5") from None
