"""A pytest plugin and a launcher for tests that run under MPI.

Importing this package, its plugin or its launcher does not initialise MPI; only
`hpcpy_testing.assertions` and a session with ``--with-mpi`` do.
"""

from importlib.metadata import version

__version__ = version("hpcpy-testing")
__all__ = ["__version__"]
