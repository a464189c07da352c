"""A Slurm of one node for tests: all of its own, on the loopback interface, ended in the end."""

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from hpcpy_testing.run_job import run_job

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "sinfo", "unshare", "nsenter")

SECONDS = 60
"""For a job; far above what is seen, on a busy machine too."""

WITHIN = 'cd "$0" && exec "$@"'

CONFIGURATION = """\
ClusterName=hpcpy
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={d_port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser={user}
SlurmdUser={user}
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1
MpiDefault=none
FirstJobId={first_job}
ReturnToService=2
KillWait=2
KillOnBadExit=0
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000
PartitionName=tests Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

PMIX = """\
real=$(find /usr/lib* -name 'libpmix.so.*.*' -type f 2>/dev/null | head -1)
[ -n "$real" ] && cp "$real" "$1" && ln -s "$(basename "$real")" "$1/libpmix.so" &&
ln -s "$(basename "$real")" "$1/libpmix.so.2" && mount --bind "$1" "$(dirname "$real")"
shift && exec "$@"
"""
"""Slurm's plugin wants a libpmix.so, which only a development package has: slurmd sees one."""


class Slurm:
    """One that runs. It starts jobs, and knows its plugins for MPI."""

    def __init__(self, configuration, daemon):
        self.environ = {**os.environ, "SLURM_CONF": str(configuration)}
        # As slurmd sees the files.
        self.within = ["nsenter", f"--target={daemon.pid}", "--mount", "sh", "-c", WITHIN]
        self.plugins = self.ask("srun", "--mpi=list")

    def run(self, *words, **variables):
        """Run a job by srun with these words, and return it once it has ended."""
        command = [
            *self.within,
            str(Path.cwd()),
            "timeout",
            "-k",
            "5",
            str(SECONDS),
            "srun",
            *words,
        ]
        return run_job(command, env={**self.environ, **variables}, timeout=SECONDS)

    def ask(self, *command):
        done = subprocess.run(
            [*self.within, str(Path.cwd()), *command],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env=self.environ,
            check=False,
        )
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def folder():
    """A place with a short path: Slurm's plugin for PMIx makes its sockets there."""
    with tempfile.TemporaryDirectory(prefix="hpcpy-slurm-", dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="session")
def slurm(folder):
    """Slurm with one node: this machine."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {missing[0]}: Debian has it in munge, slurmctld, slurmd or slurm-client")
    if os.geteuid() != 0:
        pytest.skip("slurmd and mounts are for root")
    for name in ("munge", "state", "spool", "pmix"):
        (folder / name).mkdir(mode=0o755)
    key = folder / "munge" / "key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    configuration = folder / "slurm.conf"
    ctld_port, d_port = find_ports(2)
    host = socket.gethostname().partition(".")[0]
    configuration.write_text(
        CONFIGURATION.format(
            host=host,
            folder=folder,
            user=getpass.getuser(),
            ctld_port=ctld_port,
            d_port=d_port,
            # MPICH names its shared memory by job and step, and does not start where there is a
            # file of that name: a job of another Slurm that was killed may have left one.
            first_job=secrets.randbelow(10**6) + 10**6,
        )
    )
    munge = [f"--{name}-file={folder}/munge/{name}" for name in ("key", "pid", "log", "seed")]
    with ExitStack() as stack:
        start = stack.enter_context(daemons(folder))
        start("munged", "--foreground", "--force", f"--socket={folder}/munge/socket", *munge)
        start("slurmctld", "-D", "-c", "-f", str(configuration))
        wrap = ["unshare", "--mount", "--propagation=slave", "sh", "-c", PMIX, "sh"]
        node = start(*wrap, str(folder / "pmix"), "slurmd", "-D", "-f", str(configuration))
        slurm = Slurm(configuration, node)
        end = time.monotonic() + SECONDS
        while "idle" not in (said := slurm.ask("sinfo", "--noheader", "--format=%T")):
            if time.monotonic() > end:
                logs = [path.read_text()[-2000:] for path in folder.glob("*.log")]
                raise RuntimeError(f"Slurm does not start: {said}; {logs}")
            time.sleep(0.05)
        yield slurm


@contextmanager
def daemons(folder):
    """Yield what starts programs that are ended in the end, the last one first."""
    with ExitStack() as stack:

        def start(*command):
            log = stack.enter_context((folder / f"{Path(command[0]).name}.out").open("wb"))
            daemon = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
            stack.callback(end, daemon)
            return daemon

        yield start


def end(daemon):
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def find_ports(count):
    """Return ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
