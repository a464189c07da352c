"""What is wrong with this MPI, launcher, GPU, container or file system, and what mends it.

Importing it does not start MPI, and needs no MPI library.
"""

from importlib.metadata import version

__version__ = version("hpcpy-doctor")
__all__ = ["__version__"]
