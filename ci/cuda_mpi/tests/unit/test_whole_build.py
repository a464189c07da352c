"""The command from its first step to its last, where tools and wheels only pretend."""

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

import build_mpi
from hpcpy_testing.restoring_signals import restoring_signals

# Installs a program that lists the components, and one that says what two right ranks say.
MAKE = """
[ "$1" = install ] || exit 0
prefix=${2#DESTDIR=}/opt/cuda-mpi
mkdir -p $prefix/bin $prefix/etc $prefix/lib
cat > $prefix/bin/ompi_info <<'end'
#!/bin/sh
echo "  Prefix: $OPAL_PREFIX"
echo "MCA accelerator: cuda, MCA btl: smcuda, MCA coll: cuda, MCA pml: ucx"
end
cat > $prefix/bin/mpiexec <<'end'
#!/bin/sh
echo rank-0-of-2; echo rank-1-of-2
end
chmod +x $prefix/bin/ompi_info $prefix/bin/mpiexec
"""


@pytest.fixture
def source(tmp_path):
    """Return a function that packs a release with this configure."""

    def pack(configure):
        tar = tmp_path / "openmpi-5.0.7.tar.bz2"
        files = {"configure": f"#!/bin/sh\n{configure}\n", "VERSION": "# x\nmajor=5\n"}
        with tarfile.open(tar, "w:bz2") as archive:
            for name, text in (files | {"LICENSE": "free"}).items():
                member = tarfile.TarInfo(f"openmpi-5.0.7/{name}")
                member.size, member.mode = len(text), 0o755
                archive.addfile(member, io.BytesIO(text.encode()))
        return tar

    return pack


@pytest.fixture
def start(tmp_path, wheels, tools):
    """Return a function that starts the command in a checkout of its own."""
    for name in ("cc", "c++", "perl", "strip"):
        tools(name, "true")
    tools("make", MAKE)
    place = tmp_path / "checkout" / "ci" / "cuda_mpi"
    place.mkdir(parents=True)
    for script in Path(build_mpi.__file__).parent.glob("*.py"):
        (place / script.name).write_bytes(script.read_bytes())

    def run(*arguments):
        return subprocess.Popen(
            restoring_signals([sys.executable, str(place / "build_mpi.py"), *arguments]),
            env={**os.environ, "PYTHONPATH": str(wheels), "XDG_CACHE_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "hpcpy" / "cuda-mpi"


def names(folder):
    return sorted(path.suffix or path.name for path in folder.iterdir())


def test_a_build_of_a_named_source(start, source, cache, tmp_path):
    tar = source('[ "$1" = --prefix=/opt/cuda-mpi ]')
    first = start("--source", str(tar))
    out, words = first.communicate(timeout=60)
    assert first.returncode == 0, words
    prefix = tmp_path / "checkout" / "build" / "cuda-mpi"
    assert f"export OPAL_PREFIX={prefix}\n" in out
    assert (prefix / "bin" / "mpiexec").exists()
    assert names(cache) == [".log", ".xz", "lock"]
    second = start("--source", str(tar))
    assert "is there already" in second.communicate(timeout=60)[1]


def test_a_configure_that_fails_is_quoted_and_nothing_is_left(start, source, cache, tmp_path):
    process = start("--source", str(source("echo 'configure: error: no UCX'; exit 77")))
    words = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "error: configure ended with 77:\nconfigure: error: no UCX\n" in words
    assert names(cache) == [".log", "lock"]
    assert not (tmp_path / "checkout" / "build").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_stops_compiling_and_leaves_nothing(start, source, cache, number):
    process = start("--source", str(source(f"sleep 1; echo $$ > {cache}/pid; exec sleep 60")))
    pid = cache / "pid"
    deadline = time.monotonic() + 30
    while not (pid.exists() and pid.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode
    assert not Path("/proc", pid.read_text().strip()).exists()
    pid.unlink()
    assert names(cache) == [".log", "lock"]


def test_where_there_is_no_debian_a_source_is_asked_for(start, tools, cache):
    tools("apt-get", "true")
    process = start()
    words = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "by --source" in words
    assert names(cache) == [".log", "lock"]
