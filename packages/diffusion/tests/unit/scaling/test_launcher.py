import sys

import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.scaling import launcher as module
from hpcpy_diffusion.scaling.launcher import find_launcher, launch_environment


def test_a_template_takes_the_ranks_and_needs_no_shell():
    found = find_launcher(f"'{sys.executable}' --mpi=pmi2 --tasks={{ranks}} -x 'a b'")
    expected = [sys.executable, "--mpi=pmi2", "--tasks=3", "-x", "a b", "program"]
    assert found.command(3, ["program"]) == expected
    assert str(found) == f"{sys.executable} --mpi=pmi2 '--tasks={{ranks}}' -x 'a b'"


def test_without_a_template_it_is_this_mpi(monkeypatch):
    monkeypatch.setattr(module, "find_mpiexec", lambda: "/opt/bin/mpiexec")
    found = find_launcher(None)
    assert found.command(2, ["x"]) == ["/opt/bin/mpiexec", "-n", "2", "x"]
    assert str(found) == "/opt/bin/mpiexec -n {ranks}"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("srun", r"write \{ranks\} where the number of ranks goes"),
        ("", r"write \{ranks\} where"),
        ("srun -n '{ranks}", "No closing quotation"),
        ("no-such-launcher -n {ranks}", "there is no program no-such-launcher on PATH"),
    ],
)
def test_other_templates_are_refused(template, words):
    with pytest.raises(InputError, match=words):
        find_launcher(template)


def test_slurm_and_the_user_keep_their_variables_a_launcher_does_not(monkeypatch):
    given = {"PMI_RANK": "0", "SLURM_JOB_ID": "7", "OMPI_MCA_pml": "ucx", "HOME": "/home/a"}
    monkeypatch.setattr(module.os, "environ", given)
    assert launch_environment() == {name: given[name] for name in given if name != "PMI_RANK"}
