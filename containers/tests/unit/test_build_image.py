import json
import shutil

import pytest

import build_image as script
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.run_alone import run_alone
from image import Image

# Writes an image that holds how often it was asked to, and what the wheel of the MPI holds.
APPTAINER = """
echo run >> "{log}"
for word in "$@"; do target=$last; last=$word; done
cat "{log}" mpich*.whl > "$target"
"""


@pytest.fixture
def log(tmp_path, tools):
    path = tmp_path / "apptainer.log"
    tools("apptainer", APPTAINER.format(log=path))
    return path


@pytest.fixture
def fields():
    """Of the metadata of the wheel in the wheelhouse: change them to change the wheel."""
    return {}


@pytest.fixture
def build(tmp_path, make_wheel, monkeypatch, fields):
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "LICENSE").write_text("free")

    def gather(image, root):
        folder = root / "build" / "wheelhouse" / image.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        lines = "".join(f"{name}: {text}\n" for name, text in fields.items())
        make_wheel(folder, "mpich", fields=lines)
        return folder

    monkeypatch.setattr(script, "gather", gather)
    return lambda **more: script.build_image(Image(), "apptainer", "python:3.11", root=root, **more)


def count(log):
    return len(log.read_text().splitlines())


def test_the_record_tells_what_the_image_was_made_of(build, log):
    image = build()
    assert image.name == "hpcpy-mpich-cpu.sif"
    record = json.loads((image.parent / f"{image.name}.json").read_text())
    assert record["base"] == "python:3.11"
    assert record["bytes"] == image.stat().st_size
    assert record["sha256"] == script.sha256(image)
    assert {"inputs", "revision", "seconds"} < record.keys()


def test_an_image_of_the_same_things_is_not_built_again(build, log):
    assert build() == build()
    assert count(log) == 1


@pytest.mark.parametrize("what", ["wheel", "recipe", "help", "damage", "record"])
def test_it_is_built_again_when_anything_changed(build, log, fields, monkeypatch, tmp_path, what):
    image = build()
    if what == "wheel":
        fields["Summary"] = "changed"
    elif what == "recipe":
        monkeypatch.setattr(script, "render", lambda *words: "another recipe")
    elif what == "help":
        shutil.copytree(script.HERE, tmp_path / "here", ignore=shutil.ignore_patterns("tests"))
        (tmp_path / "here" / "help.txt").write_text("help yourself")
        monkeypatch.setattr(script, "HERE", tmp_path / "here")
    elif what == "damage":
        image.write_bytes(image.read_bytes()[:-1])
    else:
        image.with_name(f"{image.name}.json").unlink()
    build()
    assert count(log) == 2


def test_a_build_that_fails_leaves_the_older_image_and_nothing_else(build, log, fields, tools):
    image = build()
    before = sorted((path.name, path.read_bytes()) for path in image.parent.iterdir())
    fields["Summary"] = "changed"
    tools("apptainer", 'for word in "$@"; do t=$l; l=$word; done; echo half > "$t"; exit 1')
    with pytest.raises(HpcpyError, match="apptainer ended with 1"):
        build()
    assert sorted((path.name, path.read_bytes()) for path in image.parent.iterdir()) == before


def test_without_a_builder_nothing_is_gathered(build, tmp_path, tools):
    with pytest.raises(InputError, match="no apptainer on PATH"):
        build()
    assert not (tmp_path / "checkout" / "build").exists()


@pytest.mark.parametrize("option", ["--mpi", "--flavour", "--kind", "--cuda"])
def test_an_unknown_choice_is_refused_with_those_there_are(capsys, option):
    assert run_alone(script.main, [option, "lam"]) == 2
    assert "'lam' is not one of" in capsys.readouterr().err


@pytest.mark.parametrize("version", ["../../x", "5.0; echo"])
def test_what_is_no_version_is_refused(capsys, version):
    assert run_alone(script.main, ["--mpi-version", version]) == 2
    assert f"Invalid version: '{version}'" in capsys.readouterr().err
