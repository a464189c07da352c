"""An image that has been built, as a folder or file from which Apptainer runs commands.

A SIF runs as it is. An OCI archive is unpacked first, into a folder: a cluster does the
same with an image that was built for Docker.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hpcpy_core.errors import InputError
from hpcpy_testing.run_job import Completed, run_job
from programs import call

__all__ = ["Action", "OpenedImage"]

Action = Literal["exec", "run", "test"]


@dataclass(frozen=True, kw_only=True)
class OpenedImage:
    """An image from which commands run.

    Parameters
    ----------
    path
        A SIF, or the root file system of an image in a folder.
    """

    path: Path

    @classmethod
    def open(cls, file: Path, scratch: Path) -> "OpenedImage":
        """Make an image of either kind ready to run. Local.

        Parameters
        ----------
        file
            A SIF, or an OCI archive with a name that ends in ``.oci.tar``.
        scratch
            An empty folder for what is unpacked.

        Raises
        ------
        InputError
            There is no such image, or no Apptainer.
        HpcpyError
            The archive cannot be unpacked.
        """
        if not file.is_file():
            raise InputError(f"there is no image {file}: build it with `nox -s images`")
        if not shutil.which("apptainer"):
            raise InputError(
                "no apptainer on PATH: this puts one there: "
                'bin=$(ci/install-apptainer.sh) && export PATH="$bin:$PATH"'
            )
        if not file.name.endswith(".oci.tar"):
            return cls(path=file)
        folder = scratch / "root"
        call(
            ["apptainer", "build", "--sandbox", str(folder), f"oci-archive:{file}"],
            APPTAINER_CACHEDIR=str(scratch / "cache"),
        )
        shutil.rmtree(scratch / "cache")
        return cls(path=folder)

    def command(
        self, *argv: str, options: Sequence[str] = (), action: Action = "exec"
    ) -> list[str]:
        """Return the command line that runs `argv` inside.

        Parameters
        ----------
        *argv
            A program of the image and its arguments.
        options
            Of ``apptainer exec``.
        action
            ``run`` leaves it to the image what is run, ``test`` runs its own check.
        """
        return ["apptainer", action, *options, str(self.path), *argv]

    def launched_environment(self) -> dict[str, str]:
        """Return the variables of a job in which the host's mpiexec starts `command`."""
        if self.path.is_file():
            return root_environment()
        # A SIF sets this itself where it is needed; the environment of an OCI image is fixed.
        return {**root_environment(), "APPTAINERENV_MPIR_CVAR_CH4_CMA_ENABLE": "0"}

    def run(
        self,
        *argv: str,
        options: Sequence[str] = (),
        action: Action = "exec",
        timeout: float = 60.0,
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run `argv` inside; when this returns, nothing of it is left. Local.

        Parameters
        ----------
        *argv, options, action
            As in `command`.
        timeout
            Seconds after which it is ended.
        env
            Variables on top of `os.environ`.
        """
        command = self.command(*argv, options=options, action=action)
        return run_job(
            ["timeout", "-k", "10", f"{timeout:g}", *command],
            env={**os.environ, **root_environment(), **(env or {})},
            timeout=timeout,
        )

    def labels(self) -> dict[str, str]:
        """Return the image's labels. Local.

        Raises
        ------
        HpcpyError
            If it cannot be read.
        """
        text = call(["apptainer", "inspect", "--json", str(self.path)])
        attributes: dict[str, Any] = json.loads(text)["data"]["attributes"]
        return dict(attributes["labels"])


def root_environment() -> dict[str, str]:
    """Return what Apptainer needs as root, who lacks a capability in many virtual machines."""
    return {"APPTAINER_USERNS": "1"} if os.geteuid() == 0 else {}
