"""Check what the packages must agree on: one version, one licence, locks without addresses.

Usage: python ci/check_packages.py
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"(?i)\w+://|--(extra-)?index-url|--find-links")


def find_disagreements(root: Path) -> Iterator[str]:
    """Yield a line for everything that is not as it should be."""
    projects = {
        path.parent: tomllib.loads(path.read_text())["project"]
        for path in sorted(root.glob("packages/*/pyproject.toml"))
    }
    versions = {project["version"] for project in projects.values()}
    if len(versions) != 1:
        yield f"packages have several versions: {sorted(versions)}"
    for folder, project in projects.items():
        if project["name"] != f"hpcpy-{folder.name}":
            yield f"{folder.name}: its name is {project['name']}"
        extras = project.get("optional-dependencies", {}).values()
        for need in [*project["dependencies"], *(need for extra in extras for need in extra)]:
            if need.startswith("hpcpy-") and need.partition("==")[2] not in versions:
                yield f"{folder.name}: {need} is not pinned to the common version"
        if (folder / "LICENSE").read_bytes() != (root / "LICENSE").read_bytes():
            yield f"{folder.name}: its LICENSE is not the repository's"
    if f"## {max(versions)}" not in (root / "CHANGELOG.md").read_text():
        yield f"CHANGELOG.md has no section for {max(versions)}"
    for lock in sorted(root.glob("requirements/*.txt")):
        if ADDRESS.search(lock.read_text()):
            yield f"{lock.name}: holds an address; compile it with `nox -s lock`"


if __name__ == "__main__":
    found = list(find_disagreements(ROOT))
    print("\n".join(found) or "packages agree")
    sys.exit(1 if found else 0)
