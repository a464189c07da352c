import os
import subprocess
import sys

PROGRAM = """
import os, sys
from pathlib import Path
from hpcpy_testing.redirect import redirect_output
print("before")
redirect_output(Path(sys.argv[1]))
print("python")
os.write(1, b"below python\\n")
os.system("echo child")
print("error", file=sys.stderr)
print("last")
os._exit(0)
"""


def test_all_output_goes_to_the_file_in_order_even_if_the_process_is_lost(tmp_path):
    log = tmp_path / "log"
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, log],
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "before\n"
    assert ended.stderr == ""
    assert log.read_text() == "python\nbelow python\nchild\nerror\nlast\n"
