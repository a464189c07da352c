"""The command that installs packages into this Python's environment."""

import shlex
import shutil
import sys
from importlib.util import find_spec

__all__ = ["install_command", "uninstall_command"]


def install_command(*packages: str) -> str:
    """Return the command line that installs these. Local."""
    return shlex.join([*_installer("install"), *packages])


def uninstall_command(*packages: str) -> str:
    """Return the command line that removes these. Local."""
    yes = ["-y"] if find_spec("pip") else []
    return shlex.join([*_installer("uninstall"), *yes, *packages])


def _installer(verb: str) -> list[str]:
    if find_spec("pip") is None and shutil.which("uv"):  # an environment that uv has made
        return ["uv", "pip", verb, "--python", sys.executable]
    return [sys.executable, "-m", "pip", verb]
