"""An OCI archive runs as Docker would run it, as its own user; buildah needs no daemon for that."""

import json
import shutil
import tarfile

import pytest

from programs import call


@pytest.fixture(scope="module")
def archive(image_file):
    if not image_file.name.endswith(".oci.tar"):
        pytest.skip("not an OCI archive")
    return image_file


@pytest.fixture(scope="module")
def run(archive, open_folder, root):
    """Return a function that runs a command in a container of the image, and returns its words."""
    if not shutil.which("buildah"):
        pytest.skip("no buildah on PATH: ci/install-buildah.sh")
    store = ["--root", str(open_folder / "store"), "--runroot", str(open_folder / "run")]
    buildah = ["timeout", "-k", "10", "120", "buildah", *store]
    container = call([*buildah, "from", "--quiet", f"oci-archive:{archive}"]).strip()
    folder = root / "containers/tests/image/programs"
    options = ["--isolation", "chroot", "--volume", f"{folder}:/programs:ro"]
    yield lambda *argv: call([*buildah, "run", *options, container, "--", *argv])
    call([*buildah, "rm", "--all"])
    call([*buildah, "rmi", "--all"])


def read_json(archive, digest):
    with tarfile.open(archive) as tar:
        name = f"blobs/{digest.replace(':', '/')}" if digest else "index.json"
        return json.load(tar.extractfile(name))


def test_it_starts_as_an_ordinary_user_with_what_follows(archive):
    manifest = read_json(archive, read_json(archive, None)["manifests"][0]["digest"])
    config = read_json(archive, manifest["config"]["digest"])["config"]
    assert config["User"] == "hpcpy"
    assert config["WorkingDir"] == "/home/hpcpy"
    assert config["Entrypoint"] == ["/bin/sh", "/opt/hpcpy/share/hpcpy/run.sh"]
    assert not config.get("Cmd")


def test_that_user_has_a_home_and_no_rights(run):
    assert run("sh", "-c", "id -u && pwd && touch file && ls") == "1000\n/home/hpcpy\nfile\n"
    assert run("sh", "-c", "test -w /opt/hpcpy || echo no") == "no\n"


def test_mpirun_as_that_user(run):
    parts = [sum(range(rank, rank + (1 << 19))) for rank in range(4)]
    words = run("mpirun", "-n", "4", "python", "/programs/exchange.py")
    assert words.startswith(f"4 ranks, sum {sum(parts)}\n")
