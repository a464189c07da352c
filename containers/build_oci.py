"""Build an image from its Dockerfile with docker, podman or buildah, whichever works here."""

import shlex
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hpcpy_core.errors import HpcpyError, InputError
from programs import call, find_first, no_base, watch

__all__ = ["BUILDERS", "Builder", "build_oci", "find_builder", "how_to_run_oci"]

# Works where a container may not have cgroups or limits of its own, as inside of another one.
CHROOT = {"BUILDAH_ISOLATION": "chroot"}
DOCKER_FORMAT = ("--format", "docker")
"""OCI's own has no HEALTHCHECK; docker knows no other and has no such option."""
MADE = """\
FROM scratch
ADD base.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""


@dataclass(frozen=True, kw_only=True)
class Builder:
    """A program that builds images from a Dockerfile.

    Parameters
    ----------
    name
        The program.
    probe
        Arguments that succeed only where it can build.
    inspect
        Arguments that succeed if it has the image that follows them.
    build
        Arguments that go before the common ones of a build.
    save
        Returns the arguments that write an image to an OCI archive.
    """

    name: str
    probe: tuple[str, ...]
    inspect: tuple[str, ...]
    build: tuple[str, ...]
    save: Callable[[str, Path], tuple[str, ...]]


BUILDERS = (
    Builder(
        name="docker",
        probe=("version",),  # fails without the daemon
        inspect=("image", "inspect"),
        build=("build",),
        save=lambda tag, path: ("save", "--output", str(path), tag),
    ),
    Builder(
        name="podman",
        probe=("info",),
        inspect=("image", "inspect"),
        build=("build", *DOCKER_FORMAT),
        save=lambda tag, path: ("save", "--format", "oci-archive", "--output", str(path), tag),
    ),
    Builder(
        name="buildah",
        probe=("images",),
        inspect=("inspect", "--type", "image"),
        build=("build", *DOCKER_FORMAT),
        save=lambda tag, path: ("push", tag, f"oci-archive:{path}:{tag}"),
    ),
)


def find_builder() -> Builder:
    """Return the first builder that works here. Local.

    Raises
    ------
    InputError
        There is none.
    """
    for builder in BUILDERS:
        if find_first([builder.name]) and succeeds(builder, *builder.probe):
            return builder
    names = ", ".join(builder.name for builder in BUILDERS)
    raise InputError(f"none of {names} works here: ci/install-buildah.sh installs one that does")


def how_to_run_oci(archive: Path, tag: str) -> str:
    """Return lines to copy that run an image on 4 ranks, here and elsewhere. Local."""
    file = shlex.quote(str(archive.resolve()))
    job = "mpirun -n 4 hpcpy-collectives demo ring_shift"
    builder = find_builder().name
    tool = "podman" if builder == "podman" else "docker"
    lines = [f"{tool} load --input {file}", f"{tool} run --rm --shm-size=1g {tag} {job}"]
    if builder == "buildah":  # which has built it, so this works here, where no docker does
        lines += [
            f"container=$(buildah from oci-archive:{file})",
            f"buildah run --isolation chroot $container -- {job}",
        ]
    title = f"\n4 ranks, by {' or '.join(dict.fromkeys([tool, builder]))}:\n\n"
    return title + "".join(f"    {line}\n" for line in lines)


def build_oci(
    dockerfile: Path, folder: Path, target: Path, *, tag: str, base: str | Path, revision: str
) -> None:
    """Build an image, leave it with the builder as `tag`, and write it to an OCI archive. Local.

    Parameters
    ----------
    dockerfile
        With the arguments BASE and REVISION.
    folder
        Which its own paths start from.
    target
        Written over.
    tag
        The name that docker, podman or buildah know it by.
    base
        A reference in a registry, or the path of a tar of a root file system.
    revision
        Of the sources.

    Raises
    ------
    InputError
        No builder works here, or the base cannot be had.
    HpcpyError
        The build fails.
    """
    builder = find_builder()
    base = load_base(builder, base) if isinstance(base, Path) else pull_base(builder, base)
    arguments = ("--build-arg", f"BASE={base}", "--build-arg", f"REVISION={revision}")
    build(builder, "--file", str(dockerfile), *arguments, "--tag", tag, folder=folder)
    call([builder.name, *builder.save(tag, target)], **CHROOT)
    with tarfile.open(target) as tar:
        if "oci-layout" not in tar.getnames():
            raise InputError(
                f"this {builder.name} writes no OCI archive: docker does from version 25 on; "
                "or ci/install-buildah.sh installs a builder that does"
            )


def load_base(builder: Builder, tar: Path) -> str:
    """Make a root file system known to the builder; return the reference of it."""
    tag = f"localhost/hpcpy-base:{tar.stem}"
    if not succeeds(builder, *builder.inspect, tag):
        with TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "Dockerfile").write_text(MADE)
            shutil.copy(tar, folder / "base.tar")
            build(builder, "--tag", tag, folder=folder)
    return tag


def pull_base(builder: Builder, reference: str) -> str:
    """Make sure that the builder has the base; return its reference."""
    if not succeeds(builder, *builder.inspect, reference):
        try:
            call([builder.name, "pull", reference], **CHROOT)
        except HpcpyError as error:
            raise no_base(reference, error) from error
    return reference


def build(builder: Builder, *words: str, folder: Path) -> None:
    """Run a build of the files in `folder`."""
    watch([builder.name, *builder.build, *words, "."], folder, **CHROOT)


def succeeds(builder: Builder, *words: str) -> bool:
    """Tell if the builder does this."""
    try:
        call([builder.name, *words], **CHROOT)
    except HpcpyError:
        return False
    return True
