"""The processor time that control groups leave to this process: a container's or a job's limit."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from hpcpy_doctor.looks.mounts import MOUNTS, list_mounts

__all__ = ["GROUPS", "find_group", "measure_quota"]

GROUPS = Path("/proc/self/cgroup")


def measure_quota(groups: Path = GROUPS, mounts: Path = MOUNTS) -> float | None:
    """Return how many processors' time the processes of this group may use at once. Local.

    Parameters
    ----------
    groups, mounts
        Where the kernel shows the groups of this process, and where their limits are mounted.

    Returns
    -------
    float or None
        The least of all limits up to the root, of version 1 or 2; None without a limit.
    """
    limits = []
    for folder in _list_folders(groups, mounts):
        limits += [limit for limit in (_read_v2(folder), _read_v1(folder)) if limit]
    return min(limits, default=None)


def find_group(groups: Path = GROUPS) -> str:
    """Return the group whose limit it is, as the kernel names it; "" without any. Local."""
    return " ".join(path for _, path in _read_groups(groups))


def _list_folders(groups: Path, mounts: Path) -> Iterator[Path]:
    """Yield the folders of this process's groups, and of those around them."""
    own = dict(_read_groups(groups))
    for mount in list_mounts(mounts):
        if mount.kind == "cgroup2":
            path = own.get("")
        elif mount.kind == "cgroup" and "cpu" in mount.options:
            path = own.get("cpu")
        else:
            continue
        if path is None:
            continue
        group = PurePosixPath(path)
        # In a container the mount shows a part of the tree only, of which it is the root.
        inside = group.relative_to(mount.root) if group.is_relative_to(mount.root) else "."
        top = Path(mount.path)
        folder = top / inside
        yield from (each for each in (folder, *folder.parents) if each.is_relative_to(top))


def _read_groups(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the path of the group that has the controller "cpu", and of version 2 as ""."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers or "cpu" in controllers.split(","):
            yield ("cpu" if controllers else "", path)


def _read_v2(folder: Path) -> float | None:
    return _divide(*_read_words(folder / "cpu.max"))


def _read_v1(folder: Path) -> float | None:
    files = (folder / "cpu.cfs_quota_us", folder / "cpu.cfs_period_us")
    return _divide(*(word for file in files for word in _read_words(file)))


def _read_words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:  # the root has no limit
        return []


def _divide(quota: str = "max", period: str = "0") -> float | None:
    """Return a limit; "max" and -1 are none."""
    return (
        int(quota) / int(period) if quota.isdigit() and period.isdigit() and int(period) else None
    )
