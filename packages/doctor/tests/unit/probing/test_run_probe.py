import pytest

from hpcpy_doctor.probing import run_probe as module
from hpcpy_doctor.probing.run_probe import run_probe

BUS_ERROR = "YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Bus error (signal 7)\n"


@pytest.fixture(autouse=True)
def hopeless(monkeypatch):
    """Nothing that a test finds out is known to the next one."""
    monkeypatch.setattr(module, "hopeless", found := [])
    return found


@pytest.fixture
def launcher(monkeypatch, tmp_path):
    """Return a function that puts another mpiexec in place; it counts how often it is called."""
    calls = tmp_path / "calls"
    calls.touch()

    def put(script):
        path = tmp_path / "mpiexec"
        path.write_text(f"#!/bin/bash\necho called >>{calls}\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("HPCPY_MPIEXEC", str(path))
        return calls

    return put


@pytest.mark.parametrize(
    ("before", "stage"),
    [
        ((), None),
        (("p2p",), "p2p"),
        (("allreduce", "p2p"), "p2p"),
        (("library", "library"), "library"),
        (("library", "init"), "init"),  # the launcher has ended the one that was late
        (("end",), "end"),
    ],
)
def test_where_a_job_has_stopped(make_outcome, before, stage):
    assert make_outcome(*before).stopped_in == stage


def test_a_job_that_did_all_and_ended_badly(make_outcome):
    assert make_outcome(code=139).stopped_in == "end"


def test_a_rank_that_never_began_counts(make_outcome):
    alone = make_outcome("init", ranks=1)
    outcome = module.Outcome(**{**vars(alone), "ranks": 2})
    assert outcome.stopped_in == "init"
    nobody = module.Outcome(ranks=2, told=(), code=1, said="", limit=1.0)
    assert (nobody.stopped_in, nobody.words) == ("start", "exit code 1")


def test_a_rank_that_could_say_what_failed_tells_the_stage(make_outcome):
    outcome = make_outcome("p2p", failed="WrongValuesError: item 3")
    assert (outcome.stopped_in, outcome.words) == ("p2p", "WrongValuesError: item 3")


@pytest.mark.parametrize(
    ("ended", "hung", "bus_error", "words"),
    [
        ({"code": 7, "said": BUS_ERROR}, False, True, "Bus error"),
        ({"code": 135}, False, True, "Bus error"),
        ({"code": 124}, True, False, "2 of 2 ranks came to it, no answer in 8 s"),
        ({"code": 137, "said": "x: refused"}, True, False, "in 8 s; x: refused"),
        ({"code": 143, "said": "Abort(3): no network"}, False, False, "Abort(3): no network"),
    ],
)
def test_how_a_job_has_ended(make_outcome, ended, hung, bus_error, words):
    outcome = make_outcome("init", **ended)
    assert (outcome.hung, outcome.bus_error) == (hung, bus_error)
    assert words in outcome.words


def test_a_job_gets_the_users_variables_without_its_launchers(launcher, monkeypatch):
    for name, value in {"PMI_RANK": "3", "UCX_TLS": "tcp", "FI_PROVIDER": "none"}.items():
        monkeypatch.setenv(name, value)
    launcher('env >&2; printf "%s\\n" "$@"; exit 3')
    outcome = run_probe(2, ("p2p",), 5.0, environ={"ADDED": "1"}, without=["FI_PROVIDER"])
    assert outcome.code == 3
    lines = outcome.said.splitlines()
    assert {"UCX_TLS=tcp", "ADDED=1", "-n", "2", "p2p"} <= set(lines)
    assert not [line for line in lines if line.startswith(("PMI_RANK", "FI_PROVIDER"))]


def test_a_users_setting_counts_more_than_what_a_job_is_given(launcher, monkeypatch):
    monkeypatch.setenv("PRTE_MCA_rmaps_default_mapping_policy", "garbage")
    monkeypatch.setenv("HYDRA_HOST_FILE", "/nonexistent")
    launcher("env >&2; exit 3")
    lines = set(run_probe(2, ("p2p",), 5.0).said.splitlines())
    assert "PRTE_MCA_rmaps_default_mapping_policy=garbage" in lines
    assert "HYDRA_HOST_FILE=/nonexistent" in lines


def test_more_slots_where_the_users_settings_give_too_few(launcher, monkeypatch):
    monkeypatch.setenv("PRTE_MCA_rmaps_default_mapping_policy", "slot")
    calls = launcher('echo "$PRTE_MCA_rmaps_default_mapping_policy: not enough slots"; exit 1')
    assert run_probe(2, ("p2p",), 5.0).said.strip() == ":oversubscribe: not enough slots"
    assert len(calls.read_text().splitlines()) == 2


def test_ranks_that_a_host_file_sent_to_another_machine_are_started_here(launcher, monkeypatch):
    monkeypatch.setenv("HYDRA_HOST_FILE", "/hosts")
    launcher(
        """[ -z "$HYDRA_HOST_FILE" ] && { echo here; exit 1; }
        for word; do case $word in */story) story=$word;; esac; done
        echo "FileNotFoundError: [Errno 2] No such file or directory: '$story'"; exit 1"""
    )
    assert run_probe(2, ("p2p",), 5.0).said.strip() == "here"


def test_a_job_without_a_file_of_the_home_has_the_others(launcher, monkeypatch, tmp_path):
    home = tmp_path / "home"
    for name in (".prte/mca-params.conf", ".pmix/mca-params.conf"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text(f"{name}\n")
    monkeypatch.setenv("HOME", str(home))
    launcher("cat $HOME/.prte/mca-params.conf $HOME/.pmix/mca-params.conf; exit 1")
    said = run_probe(2, ("p2p",), 5.0, without=[f"{home}/.prte/mca-params.conf"]).said
    assert ".pmix/mca-params.conf\n" in said
    assert "\n.prte/mca-params.conf\n" not in said
    assert len(run_probe(2, ("p2p",), 5.0, without=["X"]).said.strip().splitlines()) == 2


def test_after_a_job_that_did_not_begin_no_other_is_started(launcher, hopeless):
    calls = launcher("exit 1")
    first = run_probe(2, ("p2p",), 5.0)
    assert run_probe(1, ("spawn",), 5.0) is first
    assert hopeless == [first]
    assert len(calls.read_text().splitlines()) == 1
    run_probe(2, ("p2p",), 5.0, without=["ANY"])  # the search for a culprit goes on
    assert len(calls.read_text().splitlines()) == 2


def test_a_job_is_ended_after_its_time(launcher):
    launcher("exec sleep 30")
    outcome = run_probe(2, ("p2p",), 0.2)
    assert outcome.hung
