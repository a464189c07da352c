"""The program that the README shows runs as it is shown."""

import re
import sys
from pathlib import Path

import numpy as np

from hpcpy_testing.mpiexec import Mpiexec

README = Path(__file__).parents[4] / "README.md"


def test_the_program_of_the_readme_solves_the_notes_case(tmp_path):
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(program.splitlines()) <= 20
    script = tmp_path / "program.py"
    script.write_text(f"import os\nos.chdir({str(tmp_path)!r})\n{program}", encoding="utf-8")
    done = Mpiexec.find().launch(4, [sys.executable, "-m", "mpi4py", str(script)], timeout=120)
    assert done.returncode == 0, done.stderr
    assert "4 ranks on 1 node" in done.stdout
    field = np.load(tmp_path / "field.npy")
    assert field.shape == (301, 301)
    assert f"highest density {field.max():.4f}" in done.stdout
