import pytest

from hpcpy_doctor.checks.world import look_at_world

LAUNCHED = {"PMI_SIZE": "3", "PMI_FD": "9", "MPI_LOCALNRANKS": "3"}


@pytest.fixture
def launch(make_facts):
    """Return a function that makes three processes, and changes some fields of some."""

    def launch(**changed):
        return tuple(
            make_facts(
                {**LAUNCHED, "PMI_RANK": str(rank)},
                **{name: values[rank] for name, values in changed.items()},
            )
            for rank in range(3)
        )

    return launch


def test_processes_that_are_alike(launch, make_facts):
    (found,) = look_at_world(launch(host=("a", "b", "a")))
    assert (found.level, found.seen) == ("ok", "3 processes on 2 hosts, all alike")
    (found,) = look_at_world((make_facts(),))
    assert found.seen == "one process"


def test_ranks_twice(launch):
    (found,) = look_at_world(launch(rank=(0, 0, 2)))
    assert (found.id, found.level) == ("ranks-twice", "error")
    assert found.seen == "3 processes, and more than one of rank 0 of 3"
    assert "-n 3 " in found.cure


def test_processes_without_a_launcher_have_no_ranks(make_facts):
    (found,) = look_at_world((make_facts(), make_facts()))
    assert found.level == "ok"


def test_sizes_differ(launch):
    (found,) = look_at_world(launch(size=(3, 3, 2)))
    assert found.id == "sizes-differ"
    assert found.seen == "ranks 0-1: 3 processes; rank 2: 2 processes"


def test_libraries_differ(launch, mpich, open_mpi):
    (found,) = look_at_world(launch(library_text=(mpich, open_mpi, None)))
    assert (found.id, found.level) == ("libraries-differ", "error")
    assert found.seen == "rank 0: MPICH 5.0.2; rank 1: Open MPI 5.0.11; rank 2: none"
    assert "-n 3 env MPI4PY_LIBMPI=/env/lib/libmpi.so.12 " in found.cure


def test_a_library_may_be_at_another_place(launch):
    (found,) = look_at_world(launch(library_path=("/a/libmpi.so.12", "/b/libmpi.so.12", "/a/l")))
    assert found.level == "ok"


def test_pythons_and_packages_differ(launch):
    (found,) = look_at_world(
        launch(versions=({"numpy": "2.4"}, {"numpy": "2.4"}, {"numpy": "2.3"}))
    )
    assert (found.id, found.level) == ("pythons-differ", "warning")
    assert "ranks 0-1: " in found.seen
    assert "numpy 2.3" in found.seen
    (found,) = look_at_world(launch(python=("/a/python", "/b/python", "/a/python")))
    assert found.id == "pythons-differ"


def test_folders_differ(launch):
    (found,) = look_at_world(launch(folder=("/home/me/my run", "/", "/")))
    assert (found.id, found.level) == ("folders-differ", "warning")
    assert found.seen == "rank 0: /home/me/my run; ranks 1-2: /"
    assert "-n 3 env --chdir='/home/me/my run' " in found.cure
