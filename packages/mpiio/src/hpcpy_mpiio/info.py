"""Say what a .npy file holds, and whether it is whole. No MPI."""

from pathlib import Path

import click

from hpcpy_mpiio.header import check_size, read_header

__all__ = ["info"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def info(file: Path) -> None:
    """Say what the .npy FILE holds and whether it is whole.

    Exit code 0: valid; 1: not valid, with the reason; 2: there is no such file.
    """
    header = read_header(file)
    click.echo(f"shape  {header.shape}")
    click.echo(f"dtype  {header.dtype}")
    click.echo(f"order  {'Fortran' if header.fortran_order else 'C'}")
    click.echo(f"bytes  {header.offset} of header, {header.nbytes} of items")
    check_size(file, header)
    click.echo("valid")
