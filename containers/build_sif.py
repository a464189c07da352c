"""Build an Apptainer image from its definition, as root or as an ordinary user."""

import os
import shlex
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from hpcpy_core.errors import HpcpyError, InputError
from programs import find_first, no_base, watch

__all__ = ["build_sif", "find_apptainer", "how_to_run_sif"]

NO_BASE = "conveyor failed to get"
"""What Apptainer says when it cannot read the image to start from."""


def find_apptainer() -> str:
    """Return the path of apptainer. Local.

    Raises
    ------
    InputError
        There is none.
    """
    tool = find_first(["apptainer"])
    if tool is None:
        raise InputError(
            "no apptainer on PATH: this puts one there: "
            'bin=$(ci/install-apptainer.sh) && export PATH="$bin:$PATH"'
        )
    return tool


def how_to_run_sif(image: Path) -> str:
    """Return lines to copy that run an image on 4 ranks. Local."""
    tool, file = shlex.quote(find_apptainer()), shlex.quote(str(image.resolve()))
    job = "hpcpy-collectives demo ring_shift"
    return (
        "\nWhat is inside; 4 ranks; and 4 ranks started by an MPI of the same family outside:\n\n"
        f"    {tool} run {file}\n"
        f"    {tool} exec {file} mpirun -n 4 {job}\n"
        f"    mpiexec -n 4 {tool} exec {file} {job}\n"
    )


def build_sif(
    definition: Path, folder: Path, target: Path, *, base: str | Path, revision: str
) -> None:
    """Build an image into `target`, from the files in `folder`. Local.

    Parameters
    ----------
    definition
        With the arguments AGENT, BASE and REVISION.
    folder
        Which the definition's own paths start from.
    target
        Written over.
    base
        A reference in a registry, or the path of a tar of a root file system.
    revision
        Of the sources.

    Raises
    ------
    InputError
        There is no apptainer, or the base cannot be had.
    HpcpyError
        The build fails.
    """
    tool = find_apptainer()
    with TemporaryDirectory(prefix="hpcpy-base-", dir=os.environ.get("APPTAINER_TMPDIR")) as root:
        if isinstance(base, Path):
            with tarfile.open(base) as tar:
                # By its name, since Python 3.11.2 of Debian 12 has no argument for it.
                if hasattr(tarfile, "tar_filter"):
                    tar.extraction_filter = tarfile.tar_filter
                tar.extractall(root)
            arguments = {"AGENT": "localimage", "BASE": root}
        else:
            arguments = {"AGENT": "docker", "BASE": base}
        given = (f"{name}={value}" for name, value in [*arguments.items(), ("REVISION", revision)])
        words = [word for text in given for word in ("--build-arg", text)]
        try:
            watch(
                [tool, "build", "--fakeroot", "--force", *words, str(target), str(definition)],
                folder,
            )
        except HpcpyError as error:
            if NO_BASE not in str(error):
                raise
            raise no_base(base, error) from error
