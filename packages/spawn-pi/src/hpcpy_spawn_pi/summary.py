"""A result in words."""

from hpcpy_spawn_pi.solve import Result

__all__ = ["summarise"]


def summarise(result: Result) -> str:
    """Return the lines that the command prints. Local."""
    parameters, phases = result.choice.parameters, result.phases
    rate = result.intervals_per_second / 1e9
    return "\n".join(
        (
            f"mode       {result.choice.mode} ({result.choice.reason})",
            f"pi         {result.pi!r} (off by {result.error:.1e}; "
            f"the rule by {1 / (12 * float(parameters.intervals) ** 2):.1e})",
            f"workers    {parameters.workers}, kernel {result.kernel}, {rate:.3g} G intervals/s",
            f"seconds    start {phases.start:.3f}, compute {phases.compute:.3f}, "
            f"end {phases.end:.3f}",
        )
    )
