"""Verdicts of former proofs, kept in the user's cache. Starts no MPI."""

import hashlib
import json
from pathlib import Path

from hpcpy_core.awareness.identity import Identity
from hpcpy_core.awareness.verdict import Verdict
from hpcpy_core.files.json_cache import keep_json, recall_json

__all__ = ["keep", "recall"]

FOLDER = "awareness"


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
    found = recall_json(FOLDER, _name(identity, several_nodes))
    if found is None or found[0].get("environment") != identity:
        return None
    try:
        verdict = Verdict.from_json(json.dumps(found[0]["verdict"]))
    except (ValueError, KeyError, TypeError, AttributeError):  # of another version
        return None
    return verdict if verdict.lasting and (verdict.nodes > 1) == several_nodes else None


def keep(identity: Identity | None, verdict: Verdict) -> Path | None:
    """Keep a lasting verdict; return where, or None if it cannot be kept. Local."""
    if identity is None or not verdict.lasting:
        return None
    content = {"environment": identity, "verdict": json.loads(verdict.to_json())}
    try:
        return keep_json(FOLDER, _name(identity, verdict.nodes > 1), content)
    except OSError:  # the next job proves it again
        return None


def _name(identity: Identity, several_nodes: bool) -> str:
    key = json.dumps([identity, several_nodes], sort_keys=True)
    return f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
