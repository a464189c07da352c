import re
from dataclasses import replace

import pytest
from mpi4py import MPI

from hpcpy_spawn_pi import situation as module
from hpcpy_spawn_pi.launcher import Launcher
from hpcpy_spawn_pi.situation import SRUN, Situation, look_around

GOOD = Situation(
    vendor="MPICH",
    launcher="mpiexec of MPICH (Hydra)",
    free_slots=None,
    container=None,
    outside=False,
    step_waits=False,
)
OPEN_MPI = {"OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"}
HYDRA = {"PMI_SIZE": "1", "PMI_RANK": "0", "MPI_LOCALNRANKS": "1"}
SLURM = {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"}


class World:
    """As much of a communicator as is looked at."""

    def __init__(self, universe=None, size=1):
        self.universe, self.size = universe, size

    def Get_attr(self, key):  # noqa: N802 - mpi4py's name
        assert key == MPI.UNIVERSE_SIZE
        return self.universe


@pytest.fixture
def under(monkeypatch):
    """Return a function that puts this process under a launcher."""

    def under(*command, variables=(), outside=False):
        found = Launcher(command=command, variables=variables, outside=outside)
        monkeypatch.setattr(module, "find_launcher", lambda: found if command else None)

    monkeypatch.setattr(module.Path, "exists", lambda path: False)
    monkeypatch.setattr(module.MPI, "get_vendor", lambda: ("MPICH", (5, 0, 2)))
    return under


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"launcher": None}, "Start it with `mpiexec -n 1`"),
        ({"container": "Docker", "outside": True}, r"outside this container \(Docker\).*inside"),
        ({"step_waits": True}, "SLURM_OVERLAP=1"),
        ({"free_slots": 1}, "3 workers, but .* has 1 free slots: .*OVERSUBSCRIBE.*--workers 1"),
        ({"free_slots": 0}, "0 free slots: .* --bind-to none`$"),
    ],
    ids=str,
)
def test_an_obstacle_is_told_with_what_helps(change, words):
    assert re.search(words, replace(GOOD, **change).find_obstacle(3))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"free_slots": 3},
        {"container": "Apptainer"},
        {"launcher": None, "own_mpiexec": True},
    ],
    ids=str,
)
def test_nothing_in_the_way(change):
    assert replace(GOOD, **change).find_obstacle(3) is None


def test_more_workers_than_can_be_watched_are_never_started():
    assert GOOD.find_obstacle(1000) is None
    assert "at most 1000" in GOOD.find_obstacle(10**9)


def test_a_singleton_has_no_launcher_and_its_mpi_is_not_asked_for_slots(under):
    under()
    world = World()
    world.Get_attr = None
    seen = look_around(world, {})
    assert (seen.launcher, seen.free_slots, seen.outside) == (None, None, False)
    assert seen.vendor == "MPICH"


def test_open_mpi_started_by_mpich_is_without_a_launcher(under, monkeypatch):
    under("hydra_pmi_proxy")
    monkeypatch.setattr(module.MPI, "get_vendor", lambda: ("Open MPI", (5, 0, 11)))
    seen = look_around(World(universe=1), {"PMI_SIZE": "1", "PMI_RANK": "0"})
    assert (seen.launcher, seen.free_slots) == (None, None)


@pytest.mark.parametrize(
    ("vendor", "found", "own"),
    [("MPICH", "/bin/mpiexec", True), ("MPICH", None, False), ("Open MPI", "/bin/mpiexec", False)],
)
def test_a_singleton_of_mpich_may_find_an_mpiexec(under, monkeypatch, vendor, found, own):
    under()
    monkeypatch.setattr(module.MPI, "get_vendor", lambda: (vendor, (5, 0, 0)))
    monkeypatch.setattr(module.shutil, "which", lambda name: found)
    assert look_around(World(), {}).own_mpiexec is own


@pytest.mark.parametrize(("universe", "free"), [(None, None), (6, 4), (2, 0), (1, 0)])
def test_slots_that_are_taken_are_not_free(under, universe, free):
    under("mpiexec", "-n", "2")
    assert look_around(World(universe, 2), HYDRA).free_slots == free


@pytest.mark.parametrize(
    ("words", "variables", "free"),
    [
        (["--map-by", ":OVERSUBSCRIBE"], (), None),
        (["--oversubscribe"], (), None),
        ([], ("PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe",), None),
        (["--map-by", ":NOOVERSUBSCRIBE"], (), 1),
        ([], ("PRTE_MCA_rmaps_default_mapping_policy=:nooversubscribe",), 1),
        ([], ("COMMENT=oversubscribe",), 1),
    ],
    ids=str,
)
def test_slots_do_not_count_where_the_launcher_may_oversubscribe(under, words, variables, free):
    under("mpirun", "-n", "1", *words, variables=variables)
    assert look_around(World(2), OPEN_MPI).free_slots == free


@pytest.mark.parametrize(("overlap", "waits"), [({}, True), ({"SLURM_OVERLAP": "1"}, False)])
def test_a_step_of_slurm(under, overlap, waits):
    under("slurmstepd")
    seen = look_around(World(1), {**SLURM, **overlap})
    assert (seen.launcher, seen.free_slots, seen.step_waits) == (SRUN, None, waits)


@pytest.mark.parametrize("variable", ["APPTAINER_CONTAINER", "SINGULARITY_CONTAINER"])
def test_a_launcher_outside_the_container(under, variable):
    environ = {**HYDRA, variable: "/images/hpcpy.sif"}
    under("mpiexec", outside=False)
    assert not look_around(World(), environ).outside
    under("mpiexec", outside=True)
    assert look_around(World(), environ).outside
    assert not look_around(World(), HYDRA).outside
    under()  # in another process namespace it cannot be seen at all
    assert look_around(World(), environ).outside


@pytest.mark.parametrize(
    ("file", "name"), [("/.dockerenv", "Docker"), ("/run/.containerenv", "Podman")]
)
def test_containers_that_leave_a_file(under, monkeypatch, file, name):
    under("mpiexec", outside=True)
    monkeypatch.setattr(module.Path, "exists", lambda path: str(path) == file)
    seen = look_around(World(), HYDRA)
    assert (seen.container, seen.outside) == (name, True)


@pytest.mark.parametrize(
    ("cores", "free_slots", "workers", "works"),
    [
        (2, None, 64, True),
        (2, None, 65, False),
        (2, 65, 65, True),
        (0, None, 65, True),
        (64, None, 1000, True),
    ],
)
def test_where_no_slots_are_counted_cores_limit_the_workers(cores, free_slots, workers, works):
    situation = Situation(
        vendor="MPICH",
        launcher="mpiexec of MPICH (Hydra)",
        free_slots=free_slots,
        container=None,
        outside=False,
        step_waits=False,
        cores=cores,
    )
    obstacle = situation.find_obstacle(workers)
    assert (obstacle is None) is works
    if not works:
        assert "65 workers, but this process may use 2 cores" in obstacle
        assert "-usize 66" in obstacle
