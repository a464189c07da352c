"""The short table that a run prints."""

from hpcpy_diffusion.result import Result

__all__ = ["summarise"]


def summarise(result: Result) -> str:
    """Return grid, seconds and speed of a run, in lines of at most 80 columns. Local."""
    parameters, seconds = result.parameters, result.seconds
    busy = seconds["compute"] + seconds["halo"]
    share = seconds["halo"] / busy if busy else 0.0
    points = parameters.points
    return "\n".join(
        (
            f"grid       {points} x {points}, {parameters.steps} steps to "
            f"t = {parameters.steps * parameters.dt:.4g}, {parameters.dtype}",
            f"ranks      {result.selection.ranks} as {'x'.join(map(str, result.dims))}, "
            f"kernel {result.kernel}, exchange {result.exchange}, halo depth {result.halo_depth}",
            "seconds    " + ", ".join(f"{name} {value:.3f}" for name, value in seconds.items()),
            f"speed      {result.gcells_per_second:.3g} Gcell/s, halo share {share:.0%}",
            f"mass       {result.mass:.6g}",
        )
    )
