"""Verdicts of former proofs, kept in the user's cache. Starts no MPI."""

import hashlib
import json
from pathlib import Path

from hpcpy_core.awareness.identity import Identity
from hpcpy_core.awareness.verdict import Verdict
from hpcpy_core.replacing import replacing
from hpcpy_core.user_cache import cache_folder

__all__ = ["keep", "place", "recall"]


def recall(identity: Identity | None, *, several_nodes: bool = False) -> Verdict | None:
    """Return the verdict that was kept for an environment, if there is one. Local.

    Parameters
    ----------
    identity
        From `identify`.
    several_nodes
        Whether its ranks were on more than one node.
    """
    if identity is None:
        return None
    try:
        kept = json.loads(place(identity, several_nodes).read_text(encoding="utf-8"))
        if kept["environment"] != identity:
            return None
        verdict = Verdict.from_json(json.dumps(kept["verdict"]))
    except (OSError, ValueError, KeyError, TypeError):  # damaged, or of others
        return None
    return verdict if verdict.lasting and (verdict.nodes > 1) == several_nodes else None


def keep(identity: Identity | None, verdict: Verdict) -> Path | None:
    """Keep a lasting verdict; return where, or None if it cannot be kept. Local."""
    if identity is None or not verdict.lasting:
        return None
    content = {"environment": identity, "verdict": json.loads(verdict.to_json())}
    try:
        path = place(identity, verdict.nodes > 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except OSError:  # the next job proves it again
        return None
    return path


def place(identity: Identity, several_nodes: bool) -> Path:
    """Return the file of a verdict. Local.

    Raises
    ------
    FileError
        If this user has no home.
    """
    key = json.dumps([identity, several_nodes], sort_keys=True)
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    return cache_folder("awareness") / f"{name}.json"
