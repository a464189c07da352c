"""What an image says of itself: labels, licence, bill of materials; and its own checks."""

import json
import re
import tomllib

import pytest

SHARE = "/opt/hpcpy/share/hpcpy"


@pytest.fixture(scope="module")
def read(image):
    """Return a function that returns the text of a file of `SHARE`."""

    def read(name):
        done = image.run("cat", f"{SHARE}/{name}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return read


@pytest.fixture(scope="module")
def bill(read):
    return json.loads(read("bill.json"))


def test_labels_tell_licence_version_and_revision(image, root):
    project = tomllib.loads((root / "packages/core/pyproject.toml").read_text())["project"]
    labels = image.labels()
    name = "org.opencontainers.image."
    assert labels[f"{name}licenses"] == project["license"] == "BSD-3-Clause"
    assert labels[f"{name}version"] == project["version"]
    assert re.fullmatch(r"[0-9a-f]{40}(-changed)?", labels[f"{name}revision"])
    assert re.fullmatch(r"hpcpy-(mpich|openmpi)-(cpu|cuda)", labels[f"{name}title"])


def test_the_licence_is_inside(read, root):
    assert read("LICENSE") == (root / "LICENSE").read_text()


def test_the_bill_is_as_the_standard_says(bill):
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["specVersion"] == "1.6"
    # Imported here, so that `-m quick` does not need it.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    strict = JsonStrictValidator(SchemaVersion.V1_6)
    assert strict.validate_str(json.dumps(bill)) is None


def test_the_bill_names_exactly_what_is_installed(image, bill):
    program = (
        "import importlib.metadata as m, json, re\n"
        "print(json.dumps({re.sub('[-_.]+', '-', d.name).lower(): d.version"
        " for d in m.distributions(path=['/opt/hpcpy/lib/python3.11/site-packages'])}))"
    )
    installed = json.loads(image.run("python", "-c", program).stdout)
    libraries = {
        part["name"]: part["version"]
        for part in bill["components"]
        if part.get("purl", "").startswith("pkg:pypi") or part["name"].startswith("hpcpy-")
    }
    assert libraries == installed


def test_every_part_of_the_bill_has_a_hash_of_the_lock(bill, read):
    locked = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", read("requirements.txt")))
    hashes = {one["content"] for part in bill["components"] for one in part.get("hashes", ())}
    assert locked <= hashes
    assert len(locked) > 10


def test_no_tool_that_installs_is_left(image):
    assert image.run("python", "-c", "import pip").returncode != 0


def test_the_checkout_is_not_inside_but_its_packages_are(image):
    done = image.run("python", "-c", "import hpcpy_core; print(hpcpy_core.__file__)")
    assert done.stdout.startswith("/opt/hpcpy/lib/")


def test_it_runs_what_follows_and_without_that_says_what_there_is(image, read):
    assert image.run("echo", "a  b", action="run").stdout == "a  b\n"
    assert image.run(action="run").stdout == read("help.txt")


def test_its_own_check_passes(image):
    if image.path.is_dir():
        pytest.skip("the check of an image for Docker is not in its archive")
    done = image.run(action="test")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("hpcpy-doctor ")
    assert re.search(r"\n\d+ checks: \d+ ok", done.stdout), done.stdout
    assert done.stdout.endswith("\nok\n")
