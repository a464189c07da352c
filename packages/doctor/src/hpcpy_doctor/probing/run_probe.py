"""Run the probe in an expendable job, and say what came of it. Starts no MPI in this process."""

import os
import signal
import site
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hpcpy_core.awareness.outcome import NAMED, SIGNALLED
from hpcpy_core.expendable import MORE_RANKS_THAN_CORES, STARTS_SOONER, scrub
from hpcpy_core.find_mpiexec import find_mpiexec
from hpcpy_core.tools import TOO_LONG, complete_tool
from hpcpy_doctor.probing.find_culprits import IN_HOME, list_set_by_files
from hpcpy_doctor.probing.find_words import find_words
from hpcpy_doctor.probing.story import FIRST, STAGES, Told, read_story
from hpcpy_doctor.probing.sweep_shared import list_shared, sweep_shared

__all__ = ["NO_SLOTS", "PREFIX", "Outcome", "run_probe"]

PREFIX = "hpcpy-doctor-"
"""Of the names of temporary folders."""

hopeless: list["Outcome"] = []
"""Of a job that did not come as far as a trial: no other one will, so none is started."""

APART, TOGETHER = ("start", "library"), "init"
"""Stages that each process does by itself, and the first that they do together."""

NO_SLOTS = ("not enough slots", "allocated for this job are already filled")
"""Open MPI's words: without a host file, and with one."""

HOSTS = (
    *("HYDRA_HOST_FILE", "I_MPI_HYDRA_HOST_FILE", "I_MPI_HYDRA_HOSTS_GROUP"),
    *("PRTE_MCA_prte_default_hostfile", "OMPI_MCA_orte_default_hostfile"),
)
"""Settings that send ranks to other machines, which do not see this one's temporary files."""

CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)
"""Launchers end the ranks that are left by other signals."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a job. All of its methods are local.

    Attributes
    ----------
    ranks
        That were to run.
    told
        What those told that did.
    code
        That the launcher returned.
    said
        What the job and its launcher printed, both streams.
    limit
        The seconds after which it would have been ended.
    went_elsewhere
        Whether ranks were started where this machine's temporary files are not seen.
    """

    ranks: int
    told: tuple[Told, ...]
    code: int
    said: str
    limit: float
    went_elsewhere: bool = False

    @property
    def stopped_in(self) -> str | None:
        """The stage in which the job ended too early; None if all processes did all of them."""
        if any(told.failed for told in self.told):
            return next(told.stopped_in for told in self.told if told.failed)
        stopped = {told.stopped_in for told in self.told} - {None}
        if len(self.told) < self.ranks:
            stopped.add(FIRST[0])
        if not stopped and self.code:
            return STAGES[-1]
        if not stopped & set(APART) or stopped <= set(APART):
            return next((stage for stage in STAGES if stage in stopped), None)
        return TOGETHER  # one died there, and the launcher ended the one that was on its way

    @property
    def hung(self) -> bool:
        """Whether the job had to be ended."""
        return self.code in TOO_LONG or self._signal == signal.SIGALRM

    @property
    def failed(self) -> str | None:
        """What a process said that went wrong in its stage, the first of them."""
        return next((told.failed for told in self.told if told.failed), None)

    @property
    def bus_error(self) -> bool:
        """Whether a process has touched memory that could not be given to it."""
        return self._signal == signal.SIGBUS

    @property
    def words(self) -> str:
        """What tells most of why it ended as it did, in one line."""
        how = self.failed or ""
        if self.hung:
            how = (
                f"{len(self.told)} of {self.ranks} ranks came to it, no answer in {self.limit:g} s"
            )
        elif self._signal in CRASHES and not how:
            how = signal.strsignal(self._signal) or ""
        said = find_words(self.said)
        return "; ".join(word for word in (how, said) if word) or f"exit code {self.code}"

    def find(self, stage: str, name: str) -> list[object]:
        """Return what the processes told of one thing in a stage that they have done."""
        return [told.done[stage][name] for told in self.told if name in told.done.get(stage, {})]

    @property
    def _signal(self) -> int | None:
        if self.code < 0:
            return -self.code
        if self.code in SIGNALLED:
            return self.code - 128
        named = NAMED.search(" ".join(self.said.split()))
        return int(named[1]) if named else None


def run_probe(
    ranks: int,
    trials: Sequence[str],
    seconds: float,
    *,
    arguments: Sequence[str] = (),
    environ: Mapping[str, str] = MORE_RANKS_THAN_CORES,
    without: Collection[str] = (),
) -> Outcome:
    """Start a job that tries something, and wait for its end. Local.

    It has the user's settings as they are. Only where they do their part, and send ranks to
    other machines or give them fewer slots than ranks, it is run again here, and with more.

    Parameters
    ----------
    ranks
        How many.
    trials
        Of `hpcpy_doctor.probing.story.TRIALS`.
    seconds
        After which the job is ended.
    arguments
        More of them, for the probe.
    environ
        Below this process's environment, less what its own launcher has put there: a user's
        setting of the same name counts.
    without
        Settings that are left out: variables, and whole paths of files in the user's home.

    Raises
    ------
    InputError
        If there is no mpiexec.
    OSError
        If there is no folder for temporary files.
    """
    if hopeless and not without:
        return hopeless[0]
    users = {name: value for name, value in scrub(os.environ).items() if name not in without}
    job = partial(_run, ranks, trials, seconds, arguments, without)
    hidden = list_set_by_files()  # they would count more than the file
    added = {
        name: value for name, value in {**STARTS_SOONER, **environ}.items() if name not in hidden
    }
    outcome = job({**added, **users})
    if outcome.code and outcome.went_elsewhere:
        users = {name: value for name, value in users.items() if name not in HOSTS}
        outcome = job({**added, **users})
    if outcome.code and environ and any(words in outcome.said for words in NO_SLOTS):
        outcome = job({**added, **users, **environ})
    if outcome.stopped_in in FIRST and not without:
        hopeless.append(outcome)
    return outcome


def _run(
    ranks: int,
    trials: Sequence[str],
    seconds: float,
    arguments: Sequence[str],
    without: Collection[str],
    environ: Mapping[str, str],
) -> Outcome:
    """Run it once, in this environment."""
    began, before = time.time(), list_shared()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        story = Path(folder, "story")
        argv = [sys.executable, "-P", "-m", "hpcpy_doctor.probe", "--to", str(story)]
        argv += ["--trials", ",".join(trials), "--seconds", str(int(seconds) + 1), *arguments]
        done = complete_tool(
            [str(find_mpiexec()), "-n", str(ranks), *argv],
            seconds,
            environ={**environ, **_move_home(Path(folder, "home"), environ, without)},
        )
        said = f"{done.stderr}\n{done.stdout}"
        outcome = Outcome(
            ranks=ranks,
            told=tuple(read_story(story)),
            code=done.returncode,
            said=said,
            limit=seconds,
            went_elsewhere=f"No such file or directory: '{story}'" in said,
        )
    if done.returncode:
        sweep_shared(before, began)
    return outcome


def _move_home(
    new: Path, environ: Mapping[str, str], without: Collection[str]
) -> Mapping[str, str]:
    """Return variables by which MPI finds all files in the user's home but those that are out."""
    if not any(name.startswith(os.sep) for name in without):
        return {}
    for name in IN_HOME:
        file = Path(environ.get("HOME", "/"), name)
        if file.is_file() and str(file) not in without:
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).symlink_to(file)
    new.mkdir(exist_ok=True)
    return {"HOME": str(new), "PYTHONUSERBASE": site.getuserbase()}
