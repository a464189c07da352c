"""The lines that install packages, given to the real pip with an index that is hostile."""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "ci"))

from name_wheels import close, name_wheels, read_project  # noqa: E402  # a script of ci/

NAMES = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
OTHERS = (
    "click",
    "matplotlib",
    "mpi4py",
    "mpich",
    "numba",
    "numpy",
    "pytest",
    "pytest-mpi",
    "rich",
)


def put_wheel(folder, name, version, needs=(), extra=()):
    """Write a wheel of nothing but metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name.replace('-', '_')}-{version}"
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    lines += [f"Requires-Dist: {need}" for need in needs]
    lines += ["Provides-Extra: mpich"] if extra else []
    lines += [f'Requires-Dist: {need}; extra == "mpich"' for need in extra]
    with ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", "\n".join(lines) + "\n")
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{stem}.dist-info/WHEEL", tags)
        archive.writestr(f"{stem}.dist-info/RECORD", "")


@pytest.fixture
def dist(tmp_path):
    """Wheels with the metadata of ours."""
    for name in NAMES:
        project = read_project(name)
        extra = project.get("optional-dependencies", {}).get("mpich", ())
        folder = tmp_path / "dist"
        put_wheel(folder, project["name"], project["version"], project["dependencies"], extra)
    return tmp_path / "dist"


@pytest.fixture
def chosen(tmp_path, dist):
    """Return a function that tells where pip would take each distribution from.

    The index has what ours require, and packages with our names: of our version and of a newer one.
    """
    index = tmp_path / "index"
    for name in OTHERS:
        put_wheel(index / name, name, "99")
    for name in NAMES:
        for version in (read_project(name)["version"], "99"):
            put_wheel(index / f"hpcpy-{name}", f"hpcpy-{name}", version, extra=["mpich"])
    for folder in index.iterdir():
        links = (f'<a href="{path.name}">{path.name}</a>' for path in folder.glob("*.whl"))
        (folder / "index.html").write_text("\n".join(links))

    def ask(*words, installed="--ignore-installed"):
        command = [sys.executable, "-m", "pip", "--isolated", "install", "--dry-run", "--quiet"]
        command += [installed, "--report", "-", "--index-url", index.as_uri(), *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)["install"]
        return {
            item["metadata"]["name"]: Path(item["download_info"]["url"].removeprefix("file://"))
            for item in found
        }

    return ask


@pytest.mark.parametrize(
    ("name", "extra"), [("diffusion", None), *((name, "mpich") for name in NAMES)]
)
def test_nothing_of_ours_is_taken_from_the_index(chosen, dist, name, extra):
    found = chosen(*name_wheels(name, extra))
    ours = {package for package in found if package.startswith("hpcpy-")}
    assert ours == {f"hpcpy-{need}" for need in close(name)}
    assert {found[package].parent for package in ours} == {dist}
    assert ("mpich" in found) == (extra is not None)
    assert "numpy" in found


def test_with_find_links_the_index_wins(chosen, dist):
    """Why the lines are as they are: should this fail, pip has changed, and so may they."""
    found = chosen("--find-links", "dist", "hpcpy-diffusion")
    assert found["hpcpy-diffusion"].name == "hpcpy_diffusion-99-py3-none-any.whl"


def test_one_file_alone_lets_pip_look_for_the_others(chosen, dist):
    wheel = name_wheels("collectives")[-1]
    assert chosen(wheel)["hpcpy-core"].parent.name == "hpcpy-core"


def test_from_a_checkout_nothing_of_ours_is_taken_from_the_index(chosen):
    core, collectives = (ROOT / "packages" / name for name in ("core", "collectives"))
    found = chosen("--no-build-isolation", str(core), f"{collectives}[mpich]")
    assert found["hpcpy-core"] == core
    assert found["hpcpy-collectives"] == collectives
    assert "mpich" in found


def test_the_extra_of_an_installed_package_leaves_it_as_it_is(chosen):
    """What our commands advise where something is lacking; with --upgrade the index would win."""
    words = "hpcpy-diffusion[numexpr]"
    assert chosen(words, installed="--no-build-isolation") == {}
    found = chosen("--no-deps", "--upgrade", words, installed="--no-build-isolation")
    assert found["hpcpy-diffusion"].name == "hpcpy_diffusion-99-py3-none-any.whl"
