"""How fast messages between two ranks of one node were, and which way they went. Pure."""

from dataclasses import dataclass

from hpcpy_doctor.probing.run_probe import Outcome

__all__ = ["Speeds", "read_speeds"]

SLOW_LATENCY = 3e-6
MOST = 0.5
"""Of all bytes: others use the loopback interface as well, and MPI's launcher does.

See `hpcpy_doctor.probing.job_kinds.MPI_MESSAGES_SLOW` for what was seen.
"""


@dataclass(frozen=True, kw_only=True)
class Speeds:
    """As `hpcpy_doctor.probing.trials.time_messages` measures them.

    Attributes
    ----------
    latency
        Of a message of 8 B, in seconds.
    messages, copy
        Of 4 MiB between two ranks, and within one: B/s.
    loopback
        Which part of the bytes went through the loopback interface.
    """

    latency: float
    messages: float
    copy: float
    loopback: float

    @property
    def slow(self) -> bool:
        """Whether they did not go through shared memory.

        A busy machine makes everything slow, so that being slow alone proves nothing.
        """
        return self.latency > SLOW_LATENCY and self.loopback > MOST

    def __str__(self) -> str:
        """Show them to the reader."""
        return (
            f"{self.latency * 1e6:.1f} us, {self.messages / 1e9:.1f} GB/s "
            f"(a copy: {self.copy / 1e9:.0f} GB/s)"
        )


def read_speeds(outcome: Outcome) -> Speeds | None:
    """Return what a job has measured, if it came to that. Local."""
    names = ("latency", "messages", "copy", "loopback")
    for told in outcome.told:
        done = told.done.get("bandwidth", {})
        if all(name in done for name in names):
            return Speeds(**{name: done[name] for name in names})
    return None
