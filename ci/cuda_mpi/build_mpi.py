"""Put a CUDA-aware Open MPI 5 into build/cuda-mpi/, compiled here unless it was before.

Usage: python ci/cuda_mpi/build_mpi.py [--source openmpi-5.0.x.tar.bz2]

Its tar file is kept in ~/.cache/hpcpy/cuda-mpi/ under a hash of all that it is made of, so
that it is compiled once. That needs a C compiler and make, and neither a GPU nor CUDA. Images
and the GPU bundle take the copy in build/cuda-mpi.tar.xz.
"""

import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.files.private_cache import private_folder, say_once
from hpcpy_core.replacing import replacing
from hpcpy_core.run_alone import run_alone
from locked import locked
from make_tar import MARK, hash_recipe, make_tar
from prove import environment
from unpack_tar import unpack_tar

__all__ = ["build_mpi"]

ROOT = Path(__file__).resolve().parents[2]


def build_mpi(source: Path | None = None, *, root: Path = ROOT) -> Path:
    """Return the folder of the MPI, made now unless it is there already. Local.

    Parameters
    ----------
    source
        A release's tar file; None fetches it from Debian.
    root
        Of the checkout.

    Raises
    ------
    InputError
        A wheel, a compiler, the source or room on disk is missing.
    HpcpyError
        A step fails, or the result is not what it should be.
    """
    recipe = hash_recipe(source)
    target = root / "build" / "cuda-mpi"
    mark, packed = target / MARK, target.with_name(f"{target.name}.tar.xz")
    if mark.exists() and mark.read_text().strip() == recipe and packed.exists():
        click.echo(f"{target} is there already, made of the same things", err=True)
        return target
    place = private_folder("cuda-mpi")
    say_once(place.note)
    cache = place.path
    tar = cache / f"{recipe}.tar.xz"
    try:
        with locked(cache / "lock"):
            if not tar.exists():
                make_tar(tar, source)
            unpack(tar, target)
            with replacing(packed) as temporary:
                shutil.copyfile(tar, temporary)
    except OSError as error:
        raise HpcpyError(f"cannot write {error.filename or cache}: {error.strerror}") from error
    size = sum(path.lstat().st_size for path in target.rglob("*"))
    click.echo(f"{tar}: {tar.stat().st_size / 1e6:.1f} MB, unpacked {size / 1e6:.1f} MB", err=True)
    return target


def unpack(tar: Path, target: Path) -> None:
    """Put what is in the tar into the place of `target`, as a whole or not at all."""
    temporary = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        unpack_tar(tar, temporary)
        shutil.rmtree(target, ignore_errors=True)
        (temporary / "cuda-mpi").rename(target)
    except InputError as error:
        raise HpcpyError(f"{error}; remove it, and say this again") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """Leave by an exception, so that nothing goes on and nothing half done stays."""
    raise SystemExit(128 + number)


@click.command("build_mpi.py")
@click.option(
    "--source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Tar file of a release of Open MPI 5; else Debian's is fetched.",
)
def main(source: Path | None) -> None:
    """Put a CUDA-aware Open MPI into build/cuda-mpi/, and print how a shell comes to use it."""
    signal.signal(signal.SIGTERM, leave)
    prefix = build_mpi(source)
    for name, value in environment(prefix).items():
        click.echo(f"export {name}={value}")
    click.echo(f"export PATH={prefix / 'bin'}:$PATH")


if __name__ == "__main__":
    sys.exit(run_alone(main, None))
