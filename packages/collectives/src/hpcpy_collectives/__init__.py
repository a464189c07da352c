"""Point-to-point and collective communication: taught, verified, benchmarked."""

from importlib.metadata import version

__version__ = version("hpcpy-collectives")
__all__ = ["__version__"]
