"""Build an image, unless the one that is there was made of the same things.

Usage: python containers/build_image.py --mpi mpich --flavour cpu --kind apptainer

The image is put into build/images/, with a record of what it was made of beside it. The
default one is hpcpy.sif too. `--base made` makes the base from Debian's packages, where no
container registry can be reached.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

import click

from base import make_base
from bill import write_bill
from build_oci import build_oci, find_builder, how_to_run_oci
from build_sif import build_sif, find_apptainer, how_to_run_sif
from hpcpy_core.errors import HpcpyError
from hpcpy_core.replacing import replacing
from hpcpy_core.run_alone import run_alone
from image import KINDS, SUFFIXES, Image, Kind, image_options
from mpi_tar import NAME
from programs import call
from recipe import BASE, HERE, PROJECT, file_name, render
from wheelhouse import gather, sha256

__all__ = ["build_image"]

ROOT = HERE.parent


def build_image(image: Image, kind: Kind, base: str = BASE, *, root: Path = ROOT) -> Path:
    """Return an image in build/images/, made now unless it is there already. Local.

    Parameters
    ----------
    image
        What goes into it.
    kind
        ``apptainer`` makes a SIF, ``docker`` an OCI archive.
    base
        What it starts from: a reference in a registry, or ``made``.
    root
        Of the checkout.

    Raises
    ------
    InputError
        There is no builder, no such base, or no such MPI.
    HpcpyError
        The build fails; an older image is then still there.
    """
    if kind == "apptainer":
        find_apptainer()
    else:
        find_builder()
    start = time.monotonic()
    origin = make_base() if base == "made" else base
    folder = gather(image, root)
    recipe = prepare(folder, image, kind, origin, root / "LICENSE")
    inputs = hash_folder(folder)
    target = root / "build" / "images" / f"hpcpy-{image.name}{SUFFIXES[kind]}"
    record = target.with_name(f"{target.name}.json")
    if is_current(target, record, inputs):
        click.echo(f"{target.relative_to(root)} is there already, made of the same things")
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    revision = read_revision(root)
    with replacing(target) as temporary:
        if kind == "apptainer":
            build_sif(recipe, folder, temporary, base=origin, revision=revision)
        else:
            tag = tag_of(image)
            build_oci(recipe, folder, temporary, tag=tag, base=origin, revision=revision)
        temporary.chmod(0o755)
    seconds = time.monotonic() - start
    size = target.stat().st_size
    facts = {
        "inputs": inputs,
        "base": name_base(origin),
        "revision": revision,
        "sha256": sha256(target),
        "bytes": size,
        "seconds": round(seconds, 1),
    }
    with replacing(record) as temporary:
        temporary.write_text(f"{json.dumps(facts, indent=2)}\n")
    click.echo(f"{target.relative_to(root)}: {size / 1e6:.0f} MB in {seconds:.0f} s")
    return target


def tag_of(image: Image) -> str:
    """Return the name that docker, podman or buildah know an image by."""
    return f"hpcpy:{image.name}"


def prepare(folder: Path, image: Image, kind: Kind, origin: str | Path, licence: Path) -> Path:
    """Put what is not a wheel into the build's folder; return the recipe's path there."""
    share = folder / "share"
    share.mkdir()
    for path in (licence, HERE / "help.txt", HERE / "run.sh"):
        (share / path.name).write_bytes(path.read_bytes())
    bill = write_bill(
        f"hpcpy-{image.name}",
        PROJECT["version"],
        name_base(origin),
        folder.glob("*.whl"),
        folder / NAME if image.cuda_mpi else None,
    )
    (share / "bill.json").write_text(f"{bill}\n")
    recipe = folder / file_name(image.mpi, image.flavour, kind)
    recipe.write_text(render(image.mpi, image.flavour, kind))
    return recipe


def hash_folder(folder: Path) -> str:
    """Return a hash of all that a build reads; the lock and the bill stand for wheels and base."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".whl":
            digest.update(f"{path.relative_to(folder)} {sha256(path)}\n".encode())
    return digest.hexdigest()


def is_current(target: Path, record: Path, inputs: str) -> bool:
    """Tell if an image is whole and was made of these things."""
    if not target.exists() or not record.exists():
        return False
    known = json.loads(record.read_text())
    return bool(known["inputs"] == inputs and known["sha256"] == sha256(target))


def name_base(origin: str | Path) -> str:
    """Return the name of a base; one that was made here has a hash of its content in it."""
    return origin.stem if isinstance(origin, Path) else origin


def read_revision(root: Path) -> str:
    """Return the revision of the sources, or unknown where they are not a git checkout."""
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--exclude=*"]
    try:
        return call([*command, "--dirty=-changed"]).strip()
    except HpcpyError:
        return "unknown"


@click.command("build_image.py")
@image_options
@click.option("--kind", type=click.Choice(KINDS), default="apptainer", show_default=True)
@click.option(
    "--base",
    default=BASE,
    show_default=True,
    envvar="HPCPY_BASE",
    show_envvar=True,
    help="Reference of an image, or: made.",
)
def main(kind: Kind, base: str, **fields: str) -> None:
    """Build an image, unless it is there already, made of the same things."""
    image = Image(**fields)
    path = build_image(image, kind, base)
    tell = how_to_run_sif(path) if kind == "apptainer" else how_to_run_oci(path, tag_of(image))
    click.echo(tell)
    if image == Image() and kind == "apptainer":
        link = ROOT / f"hpcpy{path.suffix}"
        link.unlink(missing_ok=True)
        link.symlink_to(path.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(run_alone(main, None))
