"""Pi by dynamic MPI processes: with a deadline, a pre-check, a reason and a fallback."""

from importlib.metadata import version
from typing import TYPE_CHECKING

from hpcpy_spawn_pi.parameters import Parameters

if TYPE_CHECKING:
    from hpcpy_spawn_pi.guard import Guard
    from hpcpy_spawn_pi.solve import Result, run
else:
    from hpcpy_core.lazy import lazy_attributes

    # A worker's shield imports this package where MPI must not have started yet.
    __getattr__ = lazy_attributes(__name__, {"Guard": "guard", "Result": "solve", "run": "solve"})

__version__ = version("hpcpy-spawn-pi")
__all__ = ["Guard", "Parameters", "Result", "__version__", "run"]
