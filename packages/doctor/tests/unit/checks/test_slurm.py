import pytest

from hpcpy_doctor.checks.slurm import look_at_slurm

JOB = {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "4"}
STEP = {**JOB, "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"}
PMI2 = {**STEP, "PMI_SIZE": "4", "PMI_RANK": "0", "PMI_FD": "9"}
PMIX = {**STEP, "PMIX_RANK": "0", "PMIX_NAMESPACE": "slurm.pmix.7.0"}
HYDRA = {**STEP, "SLURM_NTASKS": "1", "PMI_SIZE": "2", "PMI_RANK": "0", "MPI_LOCALNRANKS": "2"}

PLUGINS = """\
MPI plugin types are...
\tpmix
\tnone
\tcray_shasta
\tpmi2
specific pmix plugin versions available: pmix_v4
"""
CONFIG = """\
Configuration data as of 2026-11-22T02:13:12
KillOnBadExit           = {kill}
MpiDefault              = {default}
MpiParams               = (null)

Slurmctld(primary) at node1 is UP
"""


@pytest.fixture
def look(make_facts):
    def look(environ, *, plugins=PLUGINS, default="none", kill=1, **changes):
        answers = {
            "srun --mpi=list": plugins,
            "scontrol show config": CONFIG.format(kill=kill, default=default) if plugins else "",
            "scontrol show job 7": "JobId=7 NumNodes=1 NumCPUs=4 NumTasks=4 CPUs/Task=1\n",
        }

        def ask(command):
            return answers[" ".join(command)]

        return list(look_at_slurm((make_facts(environ, **changes),), ask=ask))

    return look


def ids(findings):
    return [found.id for found in findings]


def test_outside_of_a_job_nothing_is_asked(make_facts):
    (found,) = look_at_slurm((make_facts(),), ask=None)
    assert (found.level, found.seen) == ("ok", "not in a Slurm job")


@pytest.mark.parametrize("environ", [PMI2, PMIX])
def test_a_step_with_the_right_plugin(look, mpich, open_mpi, environ):
    (found,) = look(environ, library_text=mpich if environ is PMI2 else open_mpi)
    assert (found.level, found.seen) == ("ok", "job 7, step 0, 4 tasks")


@pytest.mark.parametrize(("speaks", "plugin"), [("MPICH", "pmi2"), ("Open MPI", "pmix")])
def test_a_batch_script_without_srun(look, mpich, open_mpi, speaks, plugin):
    text = {"MPICH": mpich, "Open MPI": open_mpi}[speaks]
    (found,) = look(JOB, default=plugin, library_text=text)
    assert (found.id, found.level) == ("slurm-without-srun", "warning")
    assert found.cure.startswith(f"srun --mpi={plugin} -n 4 ")
    assert ids(look({**JOB, "SLURM_NTASKS": "1"}, default=plugin, library_text=text)) == [None]


def test_an_mpiexec_with_another_number(look):
    (found,) = look(HYDRA, default="pmi2")
    assert (found.id, found.level) == ("slurm-tasks-differ", "warning")
    assert found.seen == "the job has 4 tasks, but PMI_SIZE=2"
    assert "-n 4 " in found.cure
    # The variables of the step by which Slurm starts mpiexec's helper are not the job's.
    assert ids(look({**HYDRA, "PMI_SIZE": "4"}, default="pmi2")) == [None]


def test_the_plugin_is_not_there(look, open_mpi):
    found = look(STEP, plugins="MPI plugin types are...\n\tnone\n\tpmi2\n", library_text=open_mpi)
    assert ids(found) == ["srun-plugin-missing"]
    assert found[0].level == "error"
    assert found[0].seen == "Open MPI 5.0.11 needs pmix, and srun has none, pmi2"
    assert "srun" not in found[0].cure
    assert "-n 4 " in found[0].cure


def test_a_plain_srun_would_take_another_plugin(look, mpich, open_mpi):
    (found,) = look({**JOB, "SLURM_NTASKS": "1"}, library_text=open_mpi)
    assert (found.id, found.cure) == ("srun-plugin-default", "export SLURM_MPI_TYPE=pmix")
    assert "the default plugin is none, but Open MPI 5.0.11 needs pmix" in found.seen
    chosen = {**JOB, "SLURM_NTASKS": "1", "SLURM_MPI_TYPE": "pmix_v4"}
    assert ids(look(chosen, library_text=open_mpi)) == [None]
    chosen["SLURM_MPI_TYPE"] = "pmi2"
    assert ids(look(chosen, library_text=mpich)) == [None]


def test_srun_waits_for_the_dead(look):
    (found,) = look(PMI2, kill=0)
    assert (found.id, found.level) == ("srun-waits-for-the-dead", "note")
    assert found.cure == "export SLURM_KILL_BAD_EXIT=1"
    assert ids(look({**PMI2, "SLURM_KILL_BAD_EXIT": "1"}, kill=0)) == [None]
    # mpiexec looks after its own.
    assert ids(look({**HYDRA, "PMI_SIZE": "4"}, kill=0, default="pmi2")) == [None]


def test_tools_that_say_nothing(look):
    (found,) = look(PMI2, plugins="")
    assert (found.id, found.level) == ("slurm-silent", "note")
