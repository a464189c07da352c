import os
import select
import subprocess
import sys
from pathlib import Path

import locked as module
from locked import locked

CODE = """
import pathlib, locked
with locked.locked(pathlib.Path("lock")):
    print("mine", flush=True)
"""


def test_a_second_process_waits_and_says_so(tmp_path):
    place = str(Path(module.__file__).parent)
    with locked(tmp_path / "lock"):
        second = subprocess.Popen(
            [sys.executable, "-c", CODE],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": place},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert "waiting for another process that holds lock" in second.stderr.readline()
        assert select.select([second.stdout], [], [], 0.5)[0] == []
    assert second.communicate(timeout=20)[0] == "mine\n"
    assert second.returncode == 0
