"""Each fault is made for real; the doctor names it, and where it can be, the cure is tried."""

import os
import shutil
import subprocess
from pathlib import Path

from hpcpy_testing.mpiexec import Mpiexec

MPICH = Mpiexec.find().vendor == "mpich"
PROCESSORS = len(os.sched_getaffinity(0))


def may(*command):
    """Say whether this user may do something here: much of this needs root."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


MAY_MOUNT = may("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt")
MAY_MAP = may("unshare", "-Ur", "true")
MAY_NAME = may("unshare", "-u", "hostname", "node9")
DOCKER0 = (
    "ip link add docker0 type dummy && ip addr add 172.17.0.1/16 dev docker0 && "
    "ip link set docker0 up"
)
MAY_NETWORK = may("unshare", "-n", "sh", "-c", DOCKER0)
RANK = "${PMI_RANK:-$OMPI_COMM_WORLD_RANK}"


def test_too_many_threads_and_an_interface_that_is_not_there(examine, follow):
    variable = "HYDRA_IFACE" if MPICH else "OMPI_MCA_btl_tcp_if_include"
    fault = {"OMP_NUM_THREADS": "64", "OPENBLAS_NUM_THREADS": "2;4", variable: "none7"}
    # The variables are for the ranks: MPICH's mpiexec itself would not start.
    inside = ["env", *(f"{name}={value}" for name, value in fault.items())]
    report = examine("threads,network", ranks=2, inside=inside)
    assert {"more-threads-than-cores", "threads-not-a-number"} <= report.faults
    assert "OMP_NUM_THREADS asks for 128 threads" in report.found["more-threads-than-cores"]["seen"]
    assert "none7" in report.found["interface-missing"]["seen"]
    assert report.found["interface-missing"]["cure"] == f"unset {variable}"
    assert report.code == 2
    cure = report.found["more-threads-than-cores"]["cure"].removeprefix("export ")
    mended = [*inside, "env", "-u", variable, "-u", "OPENBLAS_NUM_THREADS", cure]
    faults = examine("threads,network", ranks=2, inside=mended).faults
    assert not faults & {"more-threads-than-cores", "threads-not-a-number", "interface-missing"}


if PROCESSORS > 1:

    def test_all_ranks_on_one_core(examine, follow):
        report = examine("cores", ranks=2, wrap=["taskset", "-c", "0"])
        crowded = report.found["ranks-on-the-same-core"]
        assert "ranks 0-1" in crowded["seen"]
        assert "processor 0 only" in crowded["seen"]
        # Without --json the doctor has said nothing that can be read; the command keeps it.
        assert "ranks-on-the-same-core" not in follow(crowded)


def test_more_ranks_than_cores(examine):
    report = examine("cores", ranks=PROCESSORS + 1)
    assert f"ranks 0-{PROCESSORS}" in report.found["more-ranks-than-cores"]["seen"]
    assert f" -n {PROCESSORS} " in report.found["more-ranks-than-cores"]["cure"]


def quota_group():
    """Return a control group of version 1 or 2 to put a limit on, and the limit's file."""
    v1, v2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
    for top, file, limit in ((v1, "cpu.cfs_quota_us", "50000"), (v2, "cpu.max", "50000 100000")):
        if os.access(top, os.W_OK) and (top / file.replace("max", "stat")).exists():
            return top / f"hpcpy-doctor-{os.getpid()}", file, limit
    return None


if (GROUP := quota_group()) and os.geteuid() == 0:

    def test_less_processor_time_than_ranks(examine):
        folder, file, limit = GROUP
        folder.mkdir()
        try:
            (folder / file).write_text(limit)
            join = f'echo $$ > {folder}/cgroup.procs && exec "$@"'
            report = examine("cores", ranks=2, wrap=["sh", "-c", join, "sh"])
        finally:
            folder.rmdir()
        assert "the time of 0.5 processors" in report.found["cpu-quota"]["seen"]


def go_to(folder, wrap=()):
    return [*wrap, "sh", "-c", f'cd {folder} && exec "$@"', "sh"]


def test_deleted_working_directory(examine, tmp_path):
    gone = tmp_path / "gone"
    script = f'mkdir {gone} && cd {gone} && rmdir {gone} && exec "$@"'
    report = examine("file_system", wrap=["sh", "-c", script, "sh"])
    assert report.found["folder-deleted"]["level"] == "error"
    assert report.code == 2


def test_temporary_folder_that_is_not_there_and_no_home(examine, tmp_path):
    folder = tmp_path / "none"
    home = tmp_path / "home"
    report = examine("file_system", env={"TMPDIR": str(folder), "HOME": str(home)})
    assert report.found["tmpdir-missing"]["cure"] == f"mkdir -p {folder}"
    assert str(home) in report.found["home-not-writable"]["seen"]


def test_folder_of_somebody_else(examine, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    # Root without this capability is as any other user before a folder.
    drop = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    report = examine("file_system", wrap=go_to(closed, drop), env={"TMPDIR": str(closed)})
    assert "Permission denied" in report.found["folder-not-writable"]["seen"]
    other = examine("file_system", wrap=drop, env={"TMPDIR": str(closed)})
    assert "Permission denied" in other.found["tmpdir-not-writable"]["seen"]
    assert other.found["tmpdir-not-writable"]["cure"] == "unset TMPDIR"


if MAY_MOUNT:

    def test_small_shared_memory_and_leftovers_in_it(examine, enter, follow):
        dead, alive = "/dev/shm/mpich_shm_dead_0", "/dev/shm/sm_segment.alive"
        script = (
            "mount -t tmpfs -o size=8m none /dev/shm && "
            f"head -c 6000000 /dev/zero > {dead}; : > {alive}; : > /dev/shm/psm_of_python; "
            f"touch -d '1 hour ago' /dev/shm/*; exec 8< {alive}"  # sleep keeps it open
        )
        with enter(["-m"], script) as wrap:
            report = examine("shared_memory", ranks=2, wrap=wrap)
            full = report.found["shared-memory-full" if MPICH else "shared-memory-short"]
            assert "needs" in full["seen"]
            assert report.code == (2 if MPICH else 0)
            assert "1 file(s)" in report.found["shared-memory-leftovers"]["seen"]
            assert full["cure"] == f"rm {dead}"
            if MAY_MAP:  # from there, nobody can see who uses what
                hidden = examine("shared_memory", wrap=[*wrap, "unshare", "-Ur"])
                assert "shared-memory-leftovers" not in hidden.faults
            follow(full, wrap)
            again = examine("shared_memory", wrap=wrap).found
            assert "shared-memory-leftovers" not in again
            listed = subprocess.run([*wrap, "ls", "/dev/shm"], capture_output=True, check=True)
            assert listed.stdout.split() == [b"psm_of_python", b"sm_segment.alive"]
            # What is too small even when it is empty has to grow.
            grow = next(one for one in again.values() if one["id"])["cure"]
            assert "remount" in grow or "--shm-size" in grow

    def test_many_leftovers_are_removed_by_one_command(examine, enter, follow):
        script = (
            "mount -t tmpfs none /dev/shm && "
            "(cd /dev/shm && touch -d '1 hour ago' $(seq -f ucx_shm_posix_%g 40) kept)"
        )
        with enter(["-m"], script) as wrap:
            found = examine("shared_memory", wrap=wrap).found["shared-memory-leftovers"]
            assert "40 file(s)" in found["seen"]
            follow(found, wrap)
            listed = subprocess.run([*wrap, "ls", "/dev/shm"], capture_output=True, check=True)
            assert listed.stdout.split() == [b"kept"]

    def test_shared_memory_that_cannot_be_written(examine, enter):
        with enter(["-m"], "mount -t tmpfs -o ro none /dev/shm") as wrap:
            report = examine("shared_memory", wrap=wrap)
        assert report.found["no-shared-memory"]["level"] == "error"

    def test_ranks_with_a_shared_memory_each(examine):
        script = 'mount -t tmpfs none /dev/shm && exec "$@"'
        inside = ["unshare", "-m", "sh", "-c", script, "sh"]
        report = examine("cross_memory", ranks=2, inside=inside)
        assert "rank 0 and rank 1" in report.found["shared-memory-not-shared"]["seen"]

    def mounted(options, folder):
        folder.mkdir(exist_ok=True)
        return f"mount -t tmpfs -o {options} none {folder}"

    def test_read_only_working_directory(examine, enter, tmp_path):
        with enter(["-m"], mounted("ro", tmp_path / "disk")) as wrap:
            report = examine("file_system", ranks=2, wrap=go_to(tmp_path / "disk", wrap))
        assert "Read-only file system" in report.found["folder-read-only"]["seen"]
        assert report.found["folder-read-only"]["cure"].startswith("cd /")

    def test_full_working_directory_and_full_temporary_folder(examine, enter, tmp_path):
        disk, temporary = tmp_path / "disk", tmp_path / "temporary"
        fill = f"head -c 1500000 /dev/zero > {disk}/results"
        script = " && ".join((mounted("size=2m", disk), fill, mounted("size=64k", temporary)))
        with enter(["-m"], script) as wrap:
            found = examine(
                "file_system", wrap=go_to(disk, wrap), env={"TMPDIR": str(temporary)}
            ).found
            assert "No space left" in found["folder-full"]["seen"]
            assert "No space left" in found["tmpdir-full"]["seen"]
            assert "tmpfs" in found["folder-in-memory"]["seen"]
            subprocess.run([*wrap, "rm", f"{disk}/results"], check=True)
            found = examine("file_system", wrap=go_to(disk, wrap)).found
            assert "2.0 MiB" in found["folder-nearly-full"]["seen"]
            assert "folder-full" not in found


MAY_FREEZE = may("mkfs.ext4", "-V") and may("fsfreeze", "--version")

if MAY_MOUNT and MAY_FREEZE and Path("/dev/loop0").exists():

    def test_file_system_that_does_not_answer(examine_at_once, enter, tmp_path):
        image, disk = tmp_path / "image", tmp_path / "disk"
        disk.mkdir()
        with image.open("wb") as file:
            file.truncate(16 * 2**20)
        # A child that waits for a frozen file system heeds no signal, as with a dead NFS server.
        script = f"mkfs.ext4 -q {image} && mount -o loop {image} {disk} && fsfreeze -f {disk}"
        with enter(["-m"], script) as wrap:
            try:
                report = examine_at_once("file_system", go_to(disk, wrap))
            finally:
                subprocess.run([*wrap, "fsfreeze", "-u", str(disk)], check=True)
                subprocess.run([*wrap, "umount", "-l", str(disk)], check=True)
        assert f"{disk}: no answer" in report.found["file-system-hangs"]["seen"]
        assert "to write" in report.found["file-system-hangs"]["seen"]
        assert report.code == 2


if MAY_MAP:

    def test_ranks_in_user_namespaces_of_their_own(examine):
        inside = ["unshare", "-Ur"]
        report = examine("cross_memory", ranks=2, inside=inside)
        if not MPICH:
            assert "not permitted" in report.found["cross-memory-avoided"]["seen"]
            return
        refused = report.found["cross-memory-refused"]
        assert "rank 0 may not read the memory of rank 1" in refused["seen"]
        assert "not permitted" in refused["seen"]
        names = refused["cure"].removeprefix("export ").split()
        mended = examine("cross_memory", ranks=2, inside=[*inside, "env", *names])
        assert mended.faults == {"cross-memory-avoided"}


if MAY_NETWORK:

    def test_the_same_address_on_two_hosts(examine):
        inside = ["unshare", "-n", "sh", "-c", f'{DOCKER0} && exec "$@"', "sh"]
        report = examine("network", ranks=2, inside=inside)
        assert "docker0 has 172.17.0.1" in report.found["address-on-several-hosts"]["seen"]
        assert "docker0" not in report.found["address-on-several-hosts"]["cure"]
        alone = examine("network", inside=inside)
        assert alone.faults == {"bridge-interface"}

    def test_no_network(examine, enter):
        with enter(["-n"], "true") as wrap:
            assert examine("network", wrap=wrap).faults == {"loopback-down"}
            subprocess.run([*wrap, "ip", "link", "set", "lo", "up"], check=True)
            assert examine("network", wrap=wrap).faults == {"no-network"}


if MAY_NAME:

    def test_host_names(examine, enter):
        inside = ["unshare", "-u", "sh", "-c", f'hostname node{RANK} && exec "$@"', "sh"]
        found = examine("hosts", ranks=2, inside=inside).found
        assert "node0, node1" in found["machine-with-two-names"]["seen"]
        assert "node1 is unknown" in str(examine("hosts", ranks=2, inside=inside).said)
        with enter(["-u"], "hostname localhost") as wrap:
            assert examine("hosts", wrap=wrap).faults == {"host-named-localhost"}


if compiler := shutil.which("cc"):
    CLOCK = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <time.h>
    int clock_gettime(clockid_t which, struct timespec *now) {
        int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
        int result = real(which, now);
        if (which == CLOCK_REALTIME) now->tv_sec += 100;
        return result;
    }
    """

    def test_clocks_that_differ(examine, tmp_path):
        library = tmp_path / "clock.so"
        command = [compiler, "-shared", "-fPIC", "-xc", "-", "-o", str(library), "-ldl"]
        subprocess.run(command, input=CLOCK, text=True, check=True)
        script = f'[ {RANK} = 0 ] || export LD_PRELOAD={library}; exec "$@"'
        report = examine("hosts", ranks=2, inside=["sh", "-c", script, "sh"])
        assert "rank 1 on" in report.found["clocks-differ"]["seen"]
        assert "100 s ahead" in report.found["clocks-differ"]["seen"]
        assert report.found["clocks-differ"]["cure"] == "unset LD_PRELOAD"
