import pytest

from hpcpy_doctor.checks import mpi_jobs
from hpcpy_doctor.checks.mpi_jobs import CHECK, try_mpi_job
from hpcpy_doctor.probing.find_culprits import list_settings

BUS_ERROR = {"code": 7, "said": "Bus error (signal 7)"}
SLOW = {"bandwidth": {"latency": 7.8e-6, "messages": 6e9, "copy": 48e9, "loopback": 1.04}}
REFUSED = "It appears as if there is not enough space for /dev/shm/sm_segment.vm.0 (the shared-mem"


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """No settings, an mpiexec, and a /dev/shm with much room."""
    for name in list_settings():
        monkeypatch.delenv(name)
    monkeypatch.setattr(mpi_jobs, "free_shared", lambda: 2.0**30)
    monkeypatch.setenv("HPCPY_MPIEXEC", "/bin/true")


@pytest.fixture
def look(plain_facts, library):
    """Return a function that tells what is found where jobs end like this, one after the other."""

    def look(*outcomes, **changes):
        left = list(outcomes)

        def run(ranks, trials, seconds, *, without=()):
            return left.pop(0) if len(left) > 1 else left[0]

        return list(try_mpi_job((plain_facts(library_text=library, **changes),), run=run))

    return look


def test_all_is_well(make_outcome, look):
    (found,) = look(make_outcome())
    assert found.level == "ok"
    assert found.seen == (
        "/bin/true -n 2: right values, 1.0 us, 8.0 GB/s (a copy: 40 GB/s), MPI_Init 0.02 s"
    )


@pytest.mark.parametrize(
    ("before", "end", "kind"),
    [
        ("library", {}, "mpi-job-not-started"),
        ("init", {}, "mpi-init-dies"),
        ("init", {"code": 124}, "mpi-init-hangs"),
        ("p2p", {}, "mpi-messages-die"),
        ("allreduce", {"code": 124}, "mpi-messages-hang"),
        ("bandwidth", {"code": 139}, "mpi-messages-die"),
        ("p2p", {"failed": "WrongValuesError: item 3 is 4"}, "mpi-messages-wrong"),
        ("finalize", {}, "mpi-finalize-fails"),
        ("end", {"code": 124}, "mpi-finalize-fails"),
        ("init", BUS_ERROR, "mpi-init-dies"),
    ],
)
def test_the_stage_and_the_end_tell_what_it_is(make_outcome, look, before, end, kind):
    (found,) = look(make_outcome(before, **end))
    assert found.id == kind
    assert f"stage {before}" in found.seen
    assert found.cure == "unset HPCPY_MPIEXEC"


def test_the_setting_without_which_it_works_is_named(make_outcome, plain_facts, monkeypatch):
    monkeypatch.setenv("UCX_TLS", "none")
    monkeypatch.setenv("FI_PROVIDER", "tcp")

    def run(ranks, trials, seconds, *, without=()):
        return make_outcome() if "UCX_TLS" in without else make_outcome("init")

    (found,) = try_mpi_job((plain_facts(),), run=run)
    assert (found.id, found.cure) == ("mpi-init-dies", "unset UCX_TLS")
    assert found.seen.endswith("; not so without UCX_TLS")


def test_a_setting_that_the_launcher_complains_about(make_outcome, plain_facts, monkeypatch):
    monkeypatch.setenv("PRTE_MCA_plm", "nonsense")
    monkeypatch.setenv("FI_PROVIDER", "tcp")
    words = "A requested component was not found, or was unable to be opened. plm nonsense"

    def run(ranks, trials, seconds, *, without=()):
        return make_outcome(said="" if "PRTE_MCA_plm" in without else f"-----\n{words}\n")

    (found,) = try_mpi_job((plain_facts(),), run=run)
    assert (found.id, found.cure) == ("mpi-setting-ignored", "unset PRTE_MCA_plm")
    assert found.seen == f"{words}; not so without PRTE_MCA_plm"


def test_singletons(make_outcome, look):
    (found,) = look(make_outcome(size=1))
    assert found.id == "mpi-job-of-singletons"
    assert "MPI says that the world has 1" in found.seen


def test_a_bus_error_with_a_full_shared_memory(make_outcome, look, monkeypatch, library):
    monkeypatch.setattr(mpi_jobs, "free_shared", lambda: 2.0**20)
    (found,) = look(make_outcome("init", **BUS_ERROR))
    assert found.id == "shared-memory-crash"
    assert "/dev/shm has 1.0 MiB free" in found.seen
    assert ("mount" in found.cure) == (library.startswith("MPICH"))


def test_an_mpi_that_shuns_a_full_shared_memory(make_outcome, look):
    (found,) = look(make_outcome(said=REFUSED, done=SLOW))
    assert found.id == "shared-memory-refused"
    assert "/dev/shm/sm_segment.vm.0; messages: 7.8 us" in found.seen


def test_slow_messages(make_outcome, look):
    (found,) = look(make_outcome(done=SLOW))
    assert found.id == "mpi-messages-slow"
    assert "7.8 us, 6.0 GB/s (a copy: 48 GB/s), 100% of the bytes through lo" in found.seen


def test_notes(make_outcome, look):
    init = {"init": {"thread_level": "single", "seconds": 4.2}}
    slow, single = look(make_outcome(done=init))
    assert (slow.id, slow.seen, slow.level) == ("mpi-init-slow", "4.2 s", "note")
    assert (single.id, single.level) == ("no-thread-multiple", "note")
    assert "thread level single" in single.seen


@pytest.mark.parametrize(
    ("variable", "changes", "why"),
    [
        ("/bin/true", {"library_path": None}, "mpi4py loads no MPI library"),
        ("/none", {}, "HPCPY_MPIEXEC=/none is no program"),
    ],
)
def test_where_no_job_can_be_started(plain_facts, monkeypatch, variable, changes, why):
    monkeypatch.setenv("HPCPY_MPIEXEC", variable)
    (found,) = try_mpi_job((plain_facts(**changes),))
    assert found.id == "not-tried"
    assert why in found.seen


def test_without_a_folder_for_temporary_files(plain_facts):
    def run(ranks, trials, seconds):
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    (found,) = try_mpi_job((plain_facts(),), run=run)
    assert (found.id, found.cure) == ("not-tried", "export TMPDIR=$HOME")
    assert "No usable temporary directory" in found.seen


def test_in_a_folder_that_was_removed_open_mpi_starts_nothing(make_outcome, look):
    (found,) = look(make_outcome("start", said="Error: Unable to get the current"), folder="")
    assert (found.id, found.cure) == ("mpi-job-not-started", "cd $HOME")


def test_kinds_are_all_named():
    ids = [kind.id for kind in CHECK.kinds]
    assert len(set(ids)) == len(ids)
