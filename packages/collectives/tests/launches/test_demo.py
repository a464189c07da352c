"""The examples from the command line."""

import re
import sys

import pytest

from hpcpy_collectives.examples import TOPICS
from hpcpy_testing.mpiexec import Mpiexec

EXAMPLES = [example for examples in TOPICS.values() for example in examples]
DEMO = [sys.executable, "-m", "hpcpy_collectives", "demo"]


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


def test_all_run_in_teaching_order_and_are_right(mpiexec):
    done = mpiexec.launch(3, [*DEMO, "all"], timeout=180)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    titles = [f"{example.name}: {example.summary}" for example in EXAMPLES]
    assert [line for line in lines if not line.startswith("  ") and line != "ok"] == titles
    assert lines.count("ok") == len(EXAMPLES)
    assert re.search(r"rank 2: (received|left out:) 2148532224 bytes", done.stdout)
    (selection,) = done.stderr.splitlines()
    assert selection.startswith("device cpu (")


def test_lines_come_in_rank_order(mpiexec):
    done = mpiexec.launch(4, [*DEMO, "ring_shift"])
    assert done.returncode == 0, done.stderr
    title, *lines, verdict = done.stdout.splitlines()
    assert title.startswith("ring_shift: ")
    assert [line[: len("  rank 0: sent ")] for line in lines] == [
        f"  rank {rank}: sent " for rank in range(4)
    ]
    assert verdict == "ok"


def test_quiet_says_nothing_when_all_is_well(mpiexec):
    done = mpiexec.launch(2, [*DEMO, "hello", "--quiet"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["ring_shitf"], "there is no example 'ring_shitf': did you mean ring_shift? --list shows"),
        (["xyzzy"], "there is no example 'xyzzy': --list shows all"),
        ([], "which example? Give a name or all; --list shows the names"),
        (["hello", "--device", "gpu"], "--device gpu: "),
        (["hello", "--transport", "direct"], "--transport direct moves device arrays"),
    ],
)
def test_bad_input_is_said_once(mpiexec, argv, said):
    done = mpiexec.launch(3, [*DEMO, *argv])
    assert done.returncode == 2
    assert done.stderr.count("error: ") == 1, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


SPOILED = """
import sys
from dataclasses import replace

from hpcpy_collectives.__main__ import main
from hpcpy_core.launch import import_mpi

import_mpi()
from hpcpy_collectives.examples import ring_shift as module

genuine = module.ring_shift


def spoiled(comm, device):
    result = genuine(comm, device)
    return result if comm.rank == 0 else replace(result, correct=False)


module.ring_shift = spoiled
sys.exit(main(sys.argv[1:]))
"""


def test_a_wrong_answer_names_example_ranks_expected_and_got(mpiexec, tmp_path):
    script = tmp_path / "spoiled.py"
    script.write_text(SPOILED)
    done = mpiexec.launch(3, [sys.executable, str(script), "demo", "ring_shift"])
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "wrong"
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert error == (
        "error: ring_shift gave a wrong answer on ranks 1, 2 of 3: "
        "rank 1 expected [0 1 2 3], got [0 1 2 3]; "
        "rank 2 expected [10 11 12 13], got [10 11 12 13]"
    )
    assert "Traceback" not in done.stderr


def test_the_examples_after_a_wrong_one_still_run(mpiexec, tmp_path):
    script = tmp_path / "spoiled.py"
    script.write_text(SPOILED)
    done = mpiexec.launch(2, [sys.executable, str(script), "demo", "all"], timeout=180)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert (lines.count("wrong"), lines.count("ok")) == (1, len(EXAMPLES) - 1)
    assert "wrong answer on rank 1 of 2: rank 1 expected [0 1 2 3]" in done.stderr
