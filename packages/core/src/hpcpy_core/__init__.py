"""What at least two hpcpy packages need, and nothing else."""

from importlib.metadata import version

__version__ = version("hpcpy-core")
__all__ = ["__version__"]
