"""The comparison with mpi4py's own programs, here with two that print what they should."""

import json
import subprocess
import sys

COMMAND = [sys.executable, "-m", "hpcpy_collectives.compare_demos"]
DEMO = """
from mpi4py import MPI
if MPI.COMM_WORLD.rank == 0:
    print("# MPI Test\\n# Size [B]  Latency [us]\\n 0 0.10\\n 4 1.00\\n 8 1.00")
"""


def run(*argv):
    return subprocess.run(
        ["timeout", "-k", "5", "120", *COMMAND, *map(str, argv)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_both_run_in_turn_and_are_compared_where_both_have_a_figure(tmp_path):
    for op in ("latency", "bcast"):
        (tmp_path / f"osu_{op}.py").write_text(DEMO)
    record = tmp_path / "record.json"
    options = ["--ops", "latency,bcast", "--sizes", "4:16", "--pairs", "3", "--json", record]
    done = run(tmp_path, *options)
    assert done.returncode == 0, done.stderr
    found = json.loads(record.read_text())["operations"]
    assert list(found) == ["latency", "bcast"]
    for row in found["latency"]["sizes"].values():
        assert row["mpi4py"] == 1.0
        assert row["hpcpy"] > 0
    assert list(found["bcast"]["sizes"]) == ["4", "8"]
    assert done.stdout.count(" of 2 sizes") == 2


def test_a_folder_without_the_programs_is_refused(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path} has no osu_latency.py: unpack mpi4py's source" in done.stderr
