"""A site's own checks, as a distribution that is really installed."""

import os

import pytest

SITE = """
import subprocess, sys, time
from pathlib import Path
from hpcpy_doctor.check import Check
from hpcpy_doctor.finding import Finding, Kind

KIND = Kind(id="no-licence", level="warning", title="No licence", cause="Nobody paid.",
            cure="pay", text="It shows.")

def look(facts):
    yield KIND.found(f"{len(facts)} processes, no licence")

def wait(facts):
    # Says that it has begun, and stays as long as a child of it.
    child = subprocess.Popen(["sleep", "600"])
    Path(facts[0].environ["HPCPY_TEST_NOTE"]).write_text(str(child.pid))
    child.wait()
    yield Finding.ok("waited")

CHECK = Check(name="licence", title="Licence", scope="job", kinds=(KIND,), run=look)
WAIT = Check(name="wait", title="Wait", scope="active", kinds=(), run=wait, seconds=600)
COLLAPSES = Check(name="collapses", title="Collapses", scope="process", kinds=(),
                  run=lambda facts: 1 / 0)
"""


@pytest.fixture
def site_checks(tmp_path):
    """Return a function that installs entry points; it gives the variable by which they are found.

    Their module `its_checks` has CHECK (licence), WAIT (wait) and COLLAPSES (collapses).
    """

    def install(**points):
        folder = tmp_path / "site"
        information = folder / "its_site-1.0.dist-info"
        information.mkdir(parents=True)
        (folder / "its_checks.py").write_text(SITE)
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: its-site\nVersion: 1\n")
        lines = [f"{name} = {value}" for name, value in points.items()]
        (information / "entry_points.txt").write_text(
            "\n".join(["[hpcpy_doctor.checks]", *lines, ""])
        )
        path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
        return {"PYTHONPATH": path}

    return install
