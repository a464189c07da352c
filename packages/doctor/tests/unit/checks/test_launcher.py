import pytest

from hpcpy_doctor.checks.launcher import look_at_launcher

HYDRA = {"PMI_SIZE": "3", "PMI_RANK": "0", "PMI_FD": "9", "MPI_LOCALNRANKS": "3"}
PRTERUN = {
    "OMPI_COMM_WORLD_SIZE": "3",
    "OMPI_COMM_WORLD_RANK": "0",
    "PMIX_RANK": "0",
    "PMIX_NAMESPACE": "prterun-node1-7@1",
}
STEP = {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "0"}
OVERSUBSCRIBE = {"PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}
PMI2 = {**STEP, "PMI_SIZE": "3", "PMI_RANK": "0", "PMI_FD": "9"}
PMIX = {**STEP, "PMIX_RANK": "0", "PMIX_NAMESPACE": "slurm.pmix.1.0"}


@pytest.fixture
def tell_cores(tmp_path):
    """Return a function that writes down cores, by the numbers of their processors."""

    def tell(*cores):
        for core in cores:
            for number in core.split(","):
                place = tmp_path / f"cpu{number}" / "topology"
                place.mkdir(parents=True)
                (place / "thread_siblings_list").write_text(f"{core}\n")

    return tell


@pytest.fixture
def look(tmp_path, tell_cores):
    """Look as an ordinary user of two cores, with nothing left over and no launcher above."""
    tell_cores("0,2", "1,3")
    usual = {"is_root": False, "left_over": lambda _: None, "ancestors": lambda: []}

    def look(facts, **other):
        return list(look_at_launcher((facts,), **{"cpus": tmp_path, **usual, **other}))

    return look


def ids(findings):
    return [found.id for found in findings]


@pytest.mark.parametrize(
    ("environ", "speaks", "said"),
    [
        ({}, "MPICH", "none, this is one process on its own"),
        (HYDRA, "MPICH", "mpiexec of MPICH (Hydra), 3 processes, PMI"),
        (PRTERUN, "Open MPI", "mpirun of Open MPI, 3 processes, PMIx"),
        (PMI2, "MPICH", "srun, 3 processes, PMI"),
        (PMIX, "Open MPI", "srun, 3 processes, PMIx"),
        ({**HYDRA, "PMI_SIZE": "1"}, "Open MPI", "mpiexec of MPICH (Hydra), 1 process, PMI"),
    ],
)
def test_a_launcher_that_the_library_understands(
    make_facts, look, mpich, open_mpi, environ, speaks, said
):
    text = {"MPICH": mpich, "Open MPI": open_mpi}[speaks]
    (found,) = look(make_facts(environ, library_text=text))
    assert (found.level, found.seen) == ("ok", said)


@pytest.mark.parametrize(
    ("environ", "speaks", "kind", "offers"),
    [
        (HYDRA, "Open MPI", "foreign-launcher", "offers PMI, but Open MPI 5.0.11 speaks PMIx"),
        (PRTERUN, "MPICH", "foreign-launcher", "offers PMIx, but MPICH 5.0.2 speaks PMI"),
        (PMI2, "Open MPI", "wrong-srun-plugin", "offers PMI, but Open MPI 5.0.11 speaks PMIx"),
        (PMIX, "MPICH", "wrong-srun-plugin", "offers PMIx, but MPICH 5.0.2 speaks PMI"),
        (STEP, "MPICH", "wrong-srun-plugin", "offers no PMI, but"),
        (STEP, "Open MPI", "wrong-srun-plugin", "offers no PMI, but"),
    ],
)
def test_a_launcher_that_the_library_does_not_understand(
    make_facts, look, mpich, open_mpi, environ, speaks, kind, offers
):
    text = {"MPICH": mpich, "Open MPI": open_mpi}[speaks]
    (found,) = look(make_facts(environ, library_text=text))
    assert (found.id, found.level) == (kind, "error")
    assert "started 3 processes" in found.seen
    assert offers in found.seen
    assert "-n 3 " in found.cure
    if kind == "wrong-srun-plugin":
        assert f"--mpi={'pmi2' if speaks == 'MPICH' else 'pmix'} " in found.cure


def test_an_mpich_with_pmix_understands_open_mpis_launcher(make_facts, look):
    text = "MPICH Version:      4.2.0\nMPICH configure:    --with-pmix=/usr --with-pm=none\n"
    assert ids(look(make_facts(PRTERUN, library_text=text))) == [None]


def test_without_a_library_nothing_is_compared(make_facts, look):
    facts = make_facts(HYDRA, library_text=None, library_path=None)
    assert ids(look(facts)) == [None]


def test_left_over_variables_are_the_only_cause(make_facts, look, open_mpi):
    facts = make_facts(HYDRA, library_text=open_mpi)
    (found,) = look(facts, left_over=lambda _: "PMI_FD names a connection that is not open")
    assert found.id == "left-over-launcher-variables"
    assert found.cure.startswith("unset ${!PMI_@} ")


def test_a_launcher_of_which_no_variable_tells(make_facts, look, library):
    above = [(70, "env"), (7, "hydra_pmi_proxy"), (1, "init")]
    facts = make_facts(OVERSUBSCRIBE, library_text=library)
    (found,) = look(facts, ancestors=lambda: above)
    assert found.id == "launcher-variables-lost"
    assert "hydra_pmi_proxy started this" in found.seen
    # With its variables there is nothing to say.
    own = make_facts(HYDRA if library.startswith("MPICH") else PRTERUN, library_text=library)
    assert ids(look(own, ancestors=lambda: above)) == [None]
    by_srun = make_facts(STEP, library_text=library)
    assert ids(look(by_srun, ancestors=lambda: above)) == ["wrong-srun-plugin"]


def test_two_launchers_and_whose_variables_must_go(make_facts, look, mpich, open_mpi):
    both = {**HYDRA, **PRTERUN, "OMPI_COMM_WORLD_SIZE": "1"}
    (found,) = look(make_facts(both, library_text=mpich))
    assert found.id == "two-launchers"
    assert found.seen == "OMPI_COMM_WORLD_SIZE=1 and PMI_SIZE=3 are both set"
    assert "OMPI_COMM_" in found.cure
    assert "PMI_@" not in found.cure
    (found,) = look(make_facts(both, library_text=open_mpi))
    assert "OMPI_COMM_" not in found.cure


def test_open_mpi_as_root(make_facts, look, mpich, open_mpi):
    one = {**OVERSUBSCRIBE, "OMPI_ALLOW_RUN_AS_ROOT": "1"}
    (found,) = look(make_facts(one, library_text=open_mpi), is_root=True)
    assert found.id == "open-mpi-as-root"
    both = {**one, "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    assert ids(look(make_facts(both, library_text=open_mpi), is_root=True)) == [None]
    assert ids(look(make_facts(one, library_text=open_mpi))) == [None]
    assert ids(look(make_facts(one, library_text=mpich), is_root=True)) == [None]
    assert ids(look(make_facts(PRTERUN, library_text=open_mpi), is_root=True)) == [None]


def test_few_slots_are_told_to_who_might_start_more(make_facts, look, tell_cores, mpich, open_mpi):
    (found,) = look(make_facts(library_text=open_mpi))
    assert (found.id, found.level) == ("open-mpi-slots", "note")
    assert found.seen == "2 slot(s), so `mpiexec -n 3` is refused"
    for quiet in (
        make_facts(OVERSUBSCRIBE, library_text=open_mpi),
        make_facts({"SLURM_JOB_ID": "7"}, library_text=open_mpi),
        make_facts(PRTERUN, library_text=open_mpi),
        make_facts(library_text=mpich),
    ):
        assert ids(look(quiet)) == [None]
    tell_cores("4,6", "5,7")
    assert ids(look(make_facts(library_text=open_mpi))) == [None]


def test_more_ranks_than_slots_that_the_cores_would_bear(make_facts, look, open_mpi):
    asked = {**PRTERUN, "OMPI_UNIVERSE_SIZE": "2", "OMPI_COMM_WORLD_LOCAL_SIZE": "3"}
    (found,) = look(make_facts(asked, library_text=open_mpi))
    assert found.id == "more-ranks-than-slots"
    assert "-n 2 " in found.cure
    assert ids(look(make_facts(asked, library_text=open_mpi, cores=(0, 1)))) == [None]
    enough = {**asked, "OMPI_UNIVERSE_SIZE": "3"}
    assert ids(look(make_facts(enough, library_text=open_mpi))) == [None]
