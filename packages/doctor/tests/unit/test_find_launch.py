import os

import pytest

from hpcpy_doctor.find_launch import find_launch, list_launchers

HYDRA = {"PMI_SIZE": "4", "PMI_RANK": "2", "MPI_LOCALNRANKS": "4"}
PRTERUN = {
    "OMPI_COMM_WORLD_SIZE": "4",
    "OMPI_COMM_WORLD_RANK": "1",
    "OMPI_COMM_WORLD_LOCAL_SIZE": "4",
    "PMIX_NAMESPACE": "prterun-node1-77@1",
}
STEP = {
    "SLURM_STEP_ID": "0",
    "SLURM_JOB_ID": "7",
    "SLURM_STEP_NUM_TASKS": "8",
    "SLURM_PROCID": "5",
    "SLURM_STEP_NUM_NODES": "2",
}
STAT = "{pid} ({name}) S {parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {started} 0 0\n"


@pytest.fixture
def make_proc(tmp_path):
    """Return a function that makes the /proc of a process below a launcher."""

    def make(name="proc", launcher="hydra_pmi_proxy", pid=30, started=500, port="node1:4000"):
        proc = tmp_path / name
        (proc / "sys/kernel/random").mkdir(parents=True)
        (proc / "sys/kernel/random/boot_id").write_text("b1\n")
        (proc / "self/ns").mkdir(parents=True)
        (proc / "self/ns/pid").symlink_to("pid:[1]")
        above = [(os.getppid(), "sh", pid), (pid, launcher, 20), (20, "bash", 0)]
        for number, its_name, parent in above:
            (proc / str(number)).mkdir()
            text = STAT.format(pid=number, name=its_name, parent=parent, started=started)
            (proc / str(number) / "stat").write_text(text)
        (proc / str(pid) / "cmdline").write_text(f"{launcher}\0--control-port\0{port}\0--rmk\0")
        return proc

    return make


@pytest.mark.parametrize("environ", [HYDRA, PRTERUN, {**STEP, "SLURM_STEP_NUM_NODES": "1"}])
def test_processes_of_one_launch_find_the_same_key(environ, make_proc):
    proc = make_proc()
    ranks = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID")
    others = {**environ, **{name: "0" for name in ranks if name in environ}}
    one, other = find_launch(environ, proc), find_launch(others, proc)
    assert one.key == other.key is not None
    assert (one.size, one.one_node) == (int(environ[next(iter(SIZES & environ.keys()))]), True)
    assert other.rank == 0 != one.rank


SIZES = {"PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"}


@pytest.mark.parametrize("environ", [HYDRA, PRTERUN, {}])
@pytest.mark.parametrize("change", [{"pid": 31}, {"started": 501}])
def test_another_launcher_gives_another_key(environ, change, make_proc):
    first, second = make_proc("one"), make_proc("two", **change)
    assert find_launch(environ, first).key != find_launch(environ, second).key


def test_another_step_gives_another_key(make_proc):
    proc = make_proc()
    keys = {find_launch({**STEP, "SLURM_STEP_ID": step}, proc).key for step in "012"}
    assert len(keys) == 3


@pytest.mark.parametrize(
    "environ",
    [{**HYDRA, "MPI_LOCALNRANKS": "2"}, {**PRTERUN, "OMPI_COMM_WORLD_LOCAL_SIZE": "2"}, STEP],
    ids=["hydra", "prterun", "srun"],
)
def test_processes_on_several_nodes_find_the_same_key_below_different_helpers(environ, make_proc):
    first = find_launch(environ, make_proc("one", pid=30))
    second = find_launch(environ, make_proc("two", pid=44, started=9))
    assert first.key == second.key is not None
    assert not first.one_node


def test_hydras_port_tells_two_jobs_on_the_same_nodes_apart(make_proc):
    environ = {**HYDRA, "MPI_LOCALNRANKS": "2"}
    first, second = make_proc("one"), make_proc("two", port="node1:4001")
    assert find_launch(environ, first).key != find_launch(environ, second).key


def test_without_an_announcement_the_launcher_above_is_the_key(make_proc):
    launch = find_launch({}, make_proc(launcher="mpiexec.gforker"))
    assert launch.key is not None
    assert (launch.rank, launch.size) == (None, 1)


def test_below_a_shell_there_is_no_launch(make_proc):
    assert find_launch({}, make_proc(launcher="bash")).key is None


def test_a_rank_that_sees_no_launcher_has_no_key(tmp_path):
    assert find_launch(HYDRA, tmp_path).key is None
    assert find_launch(PRTERUN, tmp_path).key is not None  # by its namespace


def test_launchers_are_listed_nearest_first(make_proc):
    assert list(list_launchers(make_proc())) == [(30, "hydra_pmi_proxy")]
