"""Lists that stay short however long they are."""

from collections.abc import Iterable

__all__ = ["name_some"]


def name_some(names: Iterable[object], most: int = 5) -> str:
    """Return the first names and how many more there are: "a, b, c, d, e and 9995 more". Local."""
    listed = [str(name) for name in names]
    more = len(listed) - most
    shown = ", ".join(listed[:most])
    return f"{shown} and {more} more" if more > 0 else shown
