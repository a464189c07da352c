"""The scripts that install Apptainer and buildah, in a Debian of nothing but its essentials.

mmdebstrap makes the tree, from the sources and by the settings of this machine's apt, runs
steps.sh in it and throws it away; 1 to 2 minutes. The tests look at what the steps left.
"""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "containers"))

from base import SUITE, sources  # noqa: E402  # a script of containers/

STEPS = Path(__file__).with_name("steps.sh")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """The folder that has the exit code and the words of each step."""
    folder = tmp_path_factory.mktemp("bare")
    settings = folder / "99machine"
    # The proxies, time limits and the like; an old copy of Debian is valid where it is here.
    dump = ["apt-config", "dump", "Acquire", "--format", '%F "%v";%n']
    settings.write_text(subprocess.run(dump, capture_output=True, text=True, check=True).stdout)
    scripts = [STEPS, *sorted((ROOT / "ci").glob("install-*.sh"))]
    hooks = [
        'mkdir -p "$1/checkout/ci" "$1/etc/ssl/certs"',
        f"copy-in {shlex.quote(str(settings))} /etc/apt/apt.conf.d",
        f"copy-in {shlex.join(map(str, scripts))} /checkout/ci",
        'chroot "$1" /checkout/ci/steps.sh',
        f"copy-out /results {shlex.quote(str(folder))}",
    ]
    if CERTIFICATES.exists():
        hooks.insert(1, f"copy-in {CERTIFICATES} /etc/ssl/certs")
    assert shutil.which("mmdebstrap"), "ci/install-packages.sh mmdebstrap"
    command = ["timeout", "-k", "10", "480", "mmdebstrap", "--quiet", "--variant=minbase"]
    command += ["--format=null", *(f"--customize-hook={hook}" for hook in hooks)]
    done = subprocess.run(
        [*command, SUITE, "/dev/null", *sources()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "results"


@pytest.fixture
def heard(results):
    """Return a function that gives the exit code, the output and the errors of a step."""

    def read(step):
        code, out, err = ((results / f"{step}.{end}").read_text() for end in ("code", "out", "err"))
        return int(code), out, err

    return read


def test_the_base_is_bare(heard):
    code, packages, _ = heard("before")
    assert code == 0
    assert not {"apptainer", "mmdebstrap", "patchelf", "squashfuse", "uidmap"} & {*packages.split()}


def test_apptainer_comes_with_all_that_it_needs(heard):
    code, folder, words = heard("apptainer")
    assert code == 0, words
    assert folder.startswith("/")
    assert folder.count("\n") == 1
    assert heard("programs") == (0, "", "")


def test_apptainer_starts(heard):
    code, version, words = heard("runs")
    assert code == 0, words
    assert version.startswith("apptainer version 1.")


def test_the_second_call_does_nothing(heard):
    _, folder, _ = heard("apptainer")
    code, again, words = heard("again")
    assert (code, again) == (0, folder), words
    assert "apt-get was called" not in words


def test_an_ordinary_user_is_told_what_root_must_say(heard):
    code, out, words = heard("as_user_too_early")
    assert (code, out) == (1, "")
    assert "root must say first: apt-get update" in words


def test_an_ordinary_user_gets_what_root_has_installed(heard):
    _, folder, _ = heard("apptainer")
    code, again, words = heard("as_user")  # root's umask was 077
    assert (code, again) == (0, folder), words


def test_an_unknown_package_is_an_error_that_names_it(heard):
    code, _, words = heard("one_unknown")
    assert code == 1
    assert "cannot install no-such-package" in words


def test_buildah_is_installed_once(heard):
    code, name, words = heard("buildah")
    assert (code, name) == (0, "buildah\n"), words
    code, name, words = heard("buildah_again")
    assert (code, name) == (0, "buildah\n"), words
    assert "apt-get was called" not in words
