"""Variables of a launcher that does not wait for this process any more."""

import os
import re
import socket
import stat
from collections.abc import Mapping
from pathlib import Path

__all__ = ["describe_left_over"]

SECONDS = 0.5
"""To connect to a server that must be on this machine."""

OTHER_CHANNELS = {"PMI_PORT", "PMI_CONTROL_PORT", "PALS_APID", "SLURM_STEP_ID"}
"""Of launchers that need no open file, or leave that to the library."""

ADDRESS = re.compile(r"tcp4://([\d.]+):(\d+)")


def describe_left_over(environ: Mapping[str, str]) -> str | None:
    """Return what shows that nobody listens where the variables lead to, or None. Local.

    Parameters
    ----------
    environ
        Of this process, which has inherited the launcher's open files, if any.
    """
    if "PMIX_NAMESPACE" in environ:
        return _try_pmix(environ)
    if "PMI_FD" in environ:
        return _try_pmi(environ["PMI_FD"])
    if OTHER_CHANNELS & environ.keys():
        return None
    for variable, channel in (("OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE"), ("PMI_SIZE", "PMI_FD")):
        if variable in environ:
            return f"{variable}={environ[variable]} is set, but not {channel}"
    return None


def _try_pmi(descriptor: str) -> str | None:
    try:
        mode = os.fstat(int(descriptor)).st_mode
    except (ValueError, OSError):  # its number is not told: it differs between the processes
        return "PMI_FD names a connection that is not open"
    return None if stat.S_ISSOCK(mode) else "PMI_FD names an open file that is no connection"


def _try_pmix(environ: Mapping[str, str]) -> str | None:
    """Look for the server's folder first: a healthy server is not bothered by a connection."""
    folder = environ.get("PMIX_SERVER_TMPDIR")
    if folder is None or Path(folder).exists():
        return None
    for name in ("PMIX_SERVER_URI41", "PMIX_SERVER_URI4", "PMIX_SERVER_URI3"):
        if match := ADDRESS.search(environ.get(name, "")):
            try:
                socket.create_connection((match[1], int(match[2])), SECONDS).close()
            except OSError as error:
                why = error.strerror or "no answer"
                return f"{name} leads to {match[1]}:{match[2]}: {why}"
            return None  # the folder is the host's, and this is a container
    return None
