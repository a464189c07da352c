import pytest

from hpcpy_doctor.looks import ask_slurm as module
from hpcpy_doctor.looks.ask_slurm import ask_slurm, ask_tool

NEW = """\
MPI plugin types are...
\tpmix
\tnone
\tpmi2
specific pmix plugin versions available: pmix_v4
"""
OLD = "srun: MPI types are...\nsrun: pmi2\nsrun: none\n"


@pytest.mark.parametrize(("said", "plugins"), [(NEW, {"pmix", "none", "pmi2"}), ("", set())])
def test_what_slurm_says(said, plugins):
    answers = {
        "srun --mpi=list": said,
        "scontrol show config": "KillOnBadExit           = 0\nMpiDefault              = pmi2\n",
        "scontrol show job 7": "   NumNodes=1 NumCPUs=8 NumTasks=3 CPUs/Task=1\n",
    }
    slurm = ask_slurm("7", lambda command: answers[" ".join(command)])
    assert slurm.plugins == plugins
    assert slurm.settings == {"KillOnBadExit": "0", "MpiDefault": "pmi2"}
    assert slurm.tasks == 3


def test_the_plugins_of_an_older_slurm_are_among_the_words():
    assert {"pmi2", "none"} <= ask_slurm("7", lambda _: OLD).plugins


def test_a_tool_that_fails_hangs_or_is_not_there(monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.3)
    assert ask_tool(["sh", "-c", "echo told >&2"]) == "told\n"
    assert ask_tool(["sh", "-c", "echo told; exit 1"]) == ""
    assert ask_tool(["sleep", "60"]) == ""
    assert ask_tool(["/no/such/tool"]) == ""
