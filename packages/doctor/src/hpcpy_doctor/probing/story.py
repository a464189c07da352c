"""What the processes of a probe leave in a file, a line of JSON for each stage that is done.

The stage that follows the last one done is the one in which a process died or hangs. Starts
no MPI.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["FIRST", "LAST", "STAGES", "TRIALS", "Told", "read_story", "tell"]

FIRST = ("start", "library", "init", "world")
TRIALS = ("p2p", "allreduce", "bandwidth", "spawn", "file")
LAST = ("finalize", "end")
STAGES = (*FIRST, *TRIALS, *LAST)
"""In their order; of the trials a probe may be asked to do only some."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one process has told. All of its methods are local.

    Attributes
    ----------
    host, pid
        Which process.
    plan
        The stages that it means to do.
    done
        What it told of each stage that is done.
    failed
        What went wrong in the stage after them, if it could say so.
    """

    host: str
    pid: int
    plan: tuple[str, ...]
    done: Mapping[str, Mapping[str, Any]]
    failed: str | None

    @property
    def stopped_in(self) -> str | None:
        """The stage in which it is, hangs, or died; None if it came to its end."""
        return next((stage for stage in self.plan if stage not in self.done), None)


def tell(to: Path, stage: str, /, **words: object) -> None:
    """Append a line, and bring it to disk: the next stage may be this process's last. Local."""
    line = json.dumps({"host": os.uname().nodename, "pid": os.getpid(), "stage": stage, **words})
    descriptor = os.open(to, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())  # at once, since others may append as well
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_story(path: Path) -> list[Told]:
    """Return what each process has told so far, in the order of their first words. Local.

    What is cut off or damaged is left out; a file that is missing or cannot be read tells nothing.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    by_process: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for line in lines:
        try:
            said = json.loads(line)
            process = (str(said["host"]), int(said["pid"]))
            by_process.setdefault(process, []).append({**said, "stage": str(said["stage"])})
        except (ValueError, KeyError, TypeError):
            continue
    return [_gather(*process, said) for process, said in by_process.items()]


def _gather(host: str, pid: int, lines: Sequence[Mapping[str, Any]]) -> Told:
    done = {line["stage"]: line for line in lines if "failed" not in line}
    failed = [str(line["failed"]) for line in lines if "failed" in line]
    plan = tuple(done.get("start", {}).get("plan", STAGES))
    return Told(host=host, pid=pid, plan=plan, done=done, failed=failed[0] if failed else None)
