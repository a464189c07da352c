"""A signed SIF tells whether it was changed, and by whose key it was signed."""

import os
import shutil
import subprocess

import pytest


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("signing")


@pytest.fixture(scope="module")
def apptainer(scratch):
    """Return a function that runs apptainer with the keys of one person, made for this test."""

    def run(*argv, keys="ours", typed=""):
        return subprocess.run(
            ["timeout", "-k", "10", "60", "apptainer", *map(str, argv)],
            env={**os.environ, "APPTAINER_KEYSDIR": str(scratch / keys)},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    for keys in ("ours", "theirs"):
        person = ["--name", keys, "--email", f"{keys}@example.org", "--comment", "test"]
        made = run("key", "newpair", *person, "--password", "", "--push=false", keys=keys)
        assert made.returncode == 0, made.stderr
    return run


@pytest.fixture(scope="module")
def signed(image, apptainer, scratch):
    if image.path.is_dir():
        pytest.skip("only a SIF can hold a signature")
    copy = scratch / "signed.sif"
    shutil.copyfile(image.path, copy)
    done = apptainer("sign", copy)
    assert done.returncode == 0, done.stderr
    return copy


def test_a_signed_image_is_verified(signed, apptainer):
    done = apptainer("verify", "--local", signed)
    assert done.returncode == 0, done.stderr


def test_an_image_without_a_signature_is_not(image, signed, apptainer):
    done = apptainer("verify", "--local", image.path)
    assert done.returncode != 0
    assert "signature not found" in done.stderr


def test_a_key_that_is_not_known_is_not_trusted(signed, apptainer):
    done = apptainer("verify", "--local", signed, keys="theirs")
    assert done.returncode != 0
    assert "signature made by unknown entity" in done.stderr


def test_who_imports_our_public_key_can_verify(signed, apptainer, scratch):
    public = scratch / "public.asc"
    # It asks which key, by its number.
    assert apptainer("key", "export", "--armor", public, typed="0\n").returncode == 0
    assert apptainer("key", "import", public, keys="users").returncode == 0
    done = apptainer("verify", "--local", signed, keys="users")
    assert done.returncode == 0, done.stderr


def test_one_changed_bit_is_found(signed, apptainer, scratch):
    changed = scratch / "changed.sif"
    shutil.copyfile(signed, changed)
    with changed.open("r+b") as file:
        file.seek(changed.stat().st_size // 2)
        (byte,) = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    done = apptainer("verify", "--local", changed)
    assert done.returncode != 0
    assert "data object integrity compromised" in done.stderr
