import json
import subprocess

import pytest

from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.scaling import run_cases as module
from hpcpy_diffusion.scaling.launcher import Launcher
from hpcpy_diffusion.scaling.plan import plan_cases
from hpcpy_diffusion.scaling.run_cases import run_cases

LAUNCHER = Launcher(("launch", "{ranks}"))
PROBLEM = Parameters(dx=1.0)


@pytest.fixture
def jobs(monkeypatch):
    """Return a function that runs cases with a made-up answer of every job."""

    def run(answer, *, base=PROBLEM, modes=("strong",), ranks=(1, 2, 4), repeats=2):
        commands, told = [], []

        def complete(command, seconds, *, environ):
            assert (seconds, environ) == (9.0, {"A": "b"})
            commands.append(command)
            code, out, err = answer(int(command[1]))
            said = json.dumps(out) if isinstance(out, dict) else out
            return subprocess.CompletedProcess(command, code, said, err)

        monkeypatch.setattr(module, "complete_tool", complete)
        outcomes = run_cases(
            plan_cases(base, modes, ranks),
            LAUNCHER,
            ["--kernel", "numba"],
            repeats=repeats,
            timeout=9.0,
            environ={"A": "b"},
            tell=told.append,
        )
        return outcomes, commands, told

    return run


def test_the_cases_take_turns(jobs, report):
    outcomes, commands, told = jobs(lambda n: (0, report(n, 2.0 * n), ""), modes=["strong", "weak"])
    assert [command[1] for command in commands] == 2 * ["1", "2", "4", "1", "2", "4"]
    assert [len(outcome.reports) for outcome in outcomes] == 6 * [2]
    strong, weak = commands[1], commands[4]
    assert strong[3:-6] == [
        *("-m", "hpcpy_diffusion", "run", "--json", "--quiet", "--no-plot", "--kernel", "numba")
    ]
    assert strong[-6:] == ["--set", "dx=1.0", "--set", "runtime=15.0", "--set", "outtime=0.0"]
    assert weak[:-6] == strong[:-6]
    assert weak[-5] != strong[-5]
    assert told[1] == "1/2 strong, 2 ranks: 4 Gcell/s"


def test_what_fails_is_not_tried_again_and_the_others_go_on(jobs, report):
    def answer(ranks):
        return (1, "", "no slots\n") if ranks == 2 else (0, report(ranks), "")

    outcomes, commands, told = jobs(answer, repeats=3)
    assert [command[1] for command in commands] == ["1", "2", "4", "1", "4", "1", "4"]
    assert [outcome.failed for outcome in outcomes] == [None, "exit code 1: no slots", None]
    assert "strong, 2 ranks: failed: exit code 1: no slots" in told


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((124, "", ""), "ended after 9 s (--timeout)."),
        ((137, "", "slow"), "ended after 9 s (--timeout). slow"),
        ((2, "usage", ""), "exit code 2: usage"),
        ((0, "", "nothing to say"), "the job printed no report: nothing to say"),
        ((0, "[]", ""), "the job printed no report: []"),
    ],
)
def test_how_a_job_failed_is_said(jobs, answer, words):
    (outcome,), _, _ = jobs(lambda ranks: answer, ranks=[1])
    assert outcome.failed == words


def test_long_words_are_cut_at_a_line(jobs):
    (outcome,), _, _ = jobs(lambda ranks: (1, "", "first\n" + 99 * f"{20 * 'x'}\n"), ranks=[1])
    assert outcome.failed.startswith(f"exit code 1: ... {20 * 'x'}\n")
    assert len(outcome.failed) < module.LAST_WORDS + 20


def test_a_launcher_that_starts_too_few_is_found_out(jobs, report):
    outcomes, _, _ = jobs(lambda ranks: (0, report(1), ""), ranks=[1, 4])
    assert [o.failed for o in outcomes] == [None, "the launcher started 1 rank, not 4"]


def test_another_result_has_no_speed(jobs, report):
    masses = {1: 36.0, 2: 36.0 * (1 + 1e-14), 4: 36.0 * (1 + 1e-11)}
    outcomes, _, _ = jobs(lambda ranks: (0, report(ranks, mass=masses[ranks]), ""))
    assert [bool(outcome.failed) for outcome in outcomes] == [False, False, True]
    assert "but 36.0 on 1 rank: this is another result" in outcomes[2].failed
    single = Parameters(dx=1.0, dtype="float32")
    outcomes, _, _ = jobs(lambda ranks: (0, report(ranks, mass=masses[ranks]), ""), base=single)
    assert not any(outcome.failed for outcome in outcomes)


def test_weak_cases_may_have_any_mass(jobs, report):
    outcomes, _, _ = jobs(lambda ranks: (0, report(ranks, mass=1.0 * ranks), ""), modes=["weak"])
    assert not any(outcome.failed for outcome in outcomes)
