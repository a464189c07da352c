"""Sphinx's configuration of hpcpy's documentation; `python3 -m nox -s docs` builds it.

The pages include code from the packages and run it while they are built. So the
environment that builds them has the packages and one MPI installed.
"""

import sys
from pathlib import Path

from hpcpy_core import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "hpcpy"
author = "the hpcpy contributors"
copyright = "the hpcpy contributors, BSD-3-Clause"
version = release = __version__

extensions = ["myst_parser", "run_shown", "mpi_example", "results_table"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"hpcpy {release}"
html_copy_source = False
# Lines of 100 columns fit.
html_theme_options = {"light_css_variables": {"code-font-size": "var(--font-size--small--3)"}}
