"""What may be found of the folders that programs write to. Data only."""

from hpcpy_doctor.finding import Kind

__all__ = ["FOLDER_KINDS"]

DELETED = Kind(
    id="folder-deleted",
    level="error",
    title="The working directory has been deleted",
    cause="Another program has removed, or removed and made again, the folder that this shell is "
    "in.",
    cure="cd {folder}",
    text="Every name that does not begin with / leads nowhere. MPICH's mpiexec says `HYDU_getcwd: "
    "allocated space is too small for absolute path`, Open MPI's `Unable to get the current "
    'working directory`. If a folder of that name is there again, `cd "$PWD"` enters it.',
)
READ_ONLY = Kind(
    id="folder-read-only",
    level="warning",
    title="The working directory is on a file system that is mounted read-only",
    cause="A container's image, a snapshot or a software folder of the site cannot be written, and "
    "some clusters mount homes read-only on compute nodes.",
    cure="cd {folder}",
    text="Programs stop when they save their results, after all the work. Start them in a folder "
    "on scratch, or let a container see one: `apptainer exec --bind /scratch`, `docker run -v`.",
)
NOT_WRITABLE = Kind(
    id="folder-not-writable",
    level="warning",
    title="You may not write to the working directory",
    cause="It belongs to somebody else, or its mode forbids it.",
    cure="cd {folder}",
    text="Programs stop when they save their results, after all the work. `ls -ld .` shows owner "
    "and mode. In a container the user may be another one than outside.",
)
FULL = Kind(
    id="folder-full",
    level="error",
    title="The file system of the working directory is full",
    cause="No room is left, or a quota is used up: nothing that is written now will be whole.",
    cure="du -xh {folder} | sort -h | tail",
    text="1 MiB was written there for a test, and refused. MPI-IO may report this on one rank "
    "only, and leave a file that has its full length but not its data. `df -h .` and `df -i .` "
    "show the file system, `quota -s` or `lfs quota -h .` your share.",
)
NEARLY_FULL = Kind(
    id="folder-nearly-full",
    level="warning",
    title="The file system of the working directory is nearly full",
    cause="Little room, or few new files, are left on it.",
    cure="du -xh {folder} | sort -h | tail",
    text="The next result may not fit, and everybody who writes there takes part of what is left. "
    "`df -h .` shows room, `df -i .` shows how many files may still be made.",
)
NO_LOCKS = Kind(
    id="file-locks-refused",
    level="warning",
    title="Files in the working directory cannot be locked",
    cause="The file system is mounted without locks: NFS whose lock server does not answer, or "
    "Lustre without the option flock.",
    cure="{cure}",
    example="sudo mount -o remount,flock /scratch",
    text="MPI-IO of MPICH locks files on NFS, and for data sieving and atomic mode everywhere; "
    "HDF5 (`HDF5_USE_FILE_LOCKING=FALSE` lets it do without) and SQLite do too. They fail with "
    "`No locks available` or `Function not implemented`. Write to another file system, or ask the "
    "administrators for `flock` (Lustre) or lockd (NFS).",
)
LOCAL_LOCKS = Kind(
    id="file-locks-only-local",
    level="warning",
    title="Locks in the working directory do not reach other hosts",
    cause="The mount options nolock or local_lock (NFS), or localflock (Lustre), keep locks on the "
    "host that takes them.",
    cure="{cure}",
    example="sudo umount /scratch && sudo mount -o flock /scratch",
    text="Ranks on one host are safe. Ranks on several hosts all get the same lock at once, and "
    "MPI-IO or HDF5 then mix what they write without an error. Write to a file system with "
    "real locks.",
)
HANGS = Kind(
    id="file-system-hangs",
    level="error",
    title="A file system does not answer",
    cause="The server of a network file system is down or cannot be reached, or a device is stuck.",
    cure="{cure}",
    example="cd /",
    text="Whatever touches a file there waits, and not even `kill -9` ends it before the server "
    "is back: the doctor asks in a process of its own, which it leaves behind. Work in another "
    "folder. `dmesg | tail` shows `nfs: server ... not responding`.",
)
IN_MEMORY = Kind(
    id="folder-in-memory",
    level="note",
    title="The working directory is in memory",
    cause="tmpfs keeps files in the host's memory: they are gone at the next boot, no other host "
    "sees them, and they take memory from the ranks.",
    cure="cd {folder}",
    text="It is the fastest place for files that nobody needs afterwards. In a batch job its use "
    "counts as the job's memory.",
)
IN_CONTAINER = Kind(
    id="folder-in-container",
    level="note",
    title="The working directory is in the container, not on the host",
    cause="The folder is on the container's own layer, which is deleted with it.",
    cure='docker run -v "$PWD:$PWD" -w "$PWD" ...',
    text="Results are gone when the container is, and other containers do not see them. Mount a "
    "folder of the host: `docker run -v`, `apptainer exec --bind`.",
)
ON_FUSE = Kind(
    id="folder-on-fuse",
    level="note",
    title="The working directory is on a file system in user space",
    cause="A program (sshfs, rclone, gocryptfs, squashfuse) serves it, one request at a time.",
    cure="cd {folder}",
    text="Many of them have no locks that other hosts see, no shared memory maps, and are slow; "
    "other users, root too, may see nothing there. Parallel file systems that use FUSE "
    "(GlusterFS, CephFS) are made for it.",
)
NOT_SHARED = Kind(
    id="folder-not-shared",
    level="warning",
    title="The launch is on several hosts, and the working directory is on one host's own disk",
    cause="Each host has a folder of that name on its own disk, so each rank sees files of its own "
    "host only.",
    cure="cd {folder}",
    text="Ranks do not find what rank 0 has written, and a parallel file is written in pieces on "
    "several disks. Start the job in a folder on a file system that all hosts see.",
)
NO_TMPDIR = Kind(
    id="tmpdir-missing",
    level="warning",
    title="The folder for temporary files is not there",
    cause="TMPDIR names a folder of another host, of a job that has ended, or outside of this "
    "container.",
    cure="{cure}",
    example="mkdir -p /tmp/of-a-job",
    text="Open MPI tries to make it, and does not start if it may not; compilers, pip and Python "
    "take another folder, or fail.",
)
TMPDIR_UNWRITABLE = Kind(
    id="tmpdir-not-writable",
    level="error",
    title="The folder for temporary files cannot be written",
    cause="It is on a read-only file system, or belongs to somebody else.",
    cure="{cure}",
    example="unset TMPDIR",
    text="Open MPI's mpiexec does not start: `PMIx detected a call to mkdir was unable to create "
    "the desired directory`. Compilers, pip and Python take another folder, or fail.",
)
TMPDIR_FULL = Kind(
    id="tmpdir-full",
    level="error",
    title="The folder for temporary files is full",
    cause="Its file system has no room left, or a quota is used up.",
    cure="{cure}",
    example="unset TMPDIR",
    text="Open MPI's mpiexec shares files with its ranks there, and dies with `Bus error`. MPICH "
    "does not mind, but compilers and pip do. `du -xh /tmp | sort -h | tail` shows who fills it.",
)
TMPDIR_ON_NETWORK = Kind(
    id="tmpdir-on-network",
    level="warning",
    title="The folder for temporary files is on a network file system",
    cause="TMPDIR leads to a folder that several hosts share.",
    cure="{cure}",
    example="unset TMPDIR",
    text="Open MPI keeps files there through which its processes share memory: over a network that "
    "is slow, or wrong. Take a folder on the host's own disk.",
)
HOME_UNWRITABLE = Kind(
    id="home-not-writable",
    level="note",
    title="The home folder cannot be written",
    cause="It is not there, is read-only or full: often in containers and on compute nodes.",
    cure="export HOME={folder}",
    text="Caches that make the second start of a program fast are kept there (CuPy's kernels, "
    "numba's, matplotlib's fonts): programs do without, or fail. `CUPY_CACHE_DIR`, "
    "`NUMBA_CACHE_DIR` and `MPLCONFIGDIR` name other folders.",
)

FOLDER_KINDS = (
    *(DELETED, READ_ONLY, NOT_WRITABLE, FULL, NEARLY_FULL, NO_LOCKS, LOCAL_LOCKS, HANGS, IN_MEMORY),
    *(IN_CONTAINER, ON_FUSE, NOT_SHARED, NO_TMPDIR, TMPDIR_UNWRITABLE, TMPDIR_FULL),
    *(TMPDIR_ON_NETWORK, HOME_UNWRITABLE),
)
