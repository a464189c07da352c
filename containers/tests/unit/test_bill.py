import hashlib
import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from bill import write_bill


@pytest.fixture
def wheels(make_wheel, tmp_path):
    needs = "Requires-Dist: a_part>=1\nRequires-Dist: colorama; sys_platform == 'win32'\n"
    texts = {
        "a_part": "License-Expression: MIT OR BSD-3-Clause\n",
        "Whole": f"License: MIT\n{needs}Requires-Dist: extra; extra == 'plot'\n",
        "extra": "License: first line\n        second line\n"
        "Classifier: License :: OSI Approved :: BSD License\n",
        "colorama": "",
        "hpcpy_core": "License-Expression: BSD-3-Clause\n",
    }
    return [make_wheel(tmp_path, name, fields=text) for name, text in texts.items()]


@pytest.fixture
def bill(wheels):
    return write_bill("hpcpy-mpich-cpu", "0.1.0", "bookworm-1-2", wheels)


def test_it_is_as_the_standard_says(bill):
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None


def test_the_same_wheels_give_the_same_bytes(bill, wheels):
    assert write_bill("hpcpy-mpich-cpu", "0.1.0", "bookworm-1-2", reversed(wheels)) == bill


def test_other_wheels_give_another_serial_number(bill, wheels):
    less = write_bill("hpcpy-mpich-cpu", "0.1.0", "bookworm-1-2", wheels[1:])
    assert json.loads(less)["serialNumber"] != json.loads(bill)["serialNumber"]


def test_everything_is_in_it_with_its_file_and_licence(bill, wheels):
    parts = {part["name"]: part for part in json.loads(bill)["components"]}
    assert sorted(parts) == ["a-part", "bookworm-1-2", "colorama", "extra", "hpcpy-core", "whole"]
    assert parts["a-part"]["hashes"] == [
        {"alg": "SHA-256", "content": hashlib.sha256(wheels[0].read_bytes()).hexdigest()}
    ]
    assert parts["a-part"]["licenses"] == [{"expression": "MIT OR BSD-3-Clause"}]
    assert parts["whole"]["licenses"] == [{"license": {"id": "MIT"}}]
    assert parts["extra"]["licenses"] == [{"license": {"name": "BSD License"}}]
    assert parts["whole"]["purl"] == "pkg:pypi/whole@1.0"
    assert "purl" not in parts["hpcpy-core"]


def test_an_mpi_that_is_no_wheel_is_in_it_with_its_parts(wheels, make_mpi_tar, tmp_path):
    tar = make_mpi_tar(tmp_path)
    without = write_bill("hpcpy-openmpi-cuda", "0.1.0", "bookworm-1-2", wheels)
    text = write_bill("hpcpy-openmpi-cuda", "0.1.0", "bookworm-1-2", wheels, tar)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert json.loads(text)["serialNumber"] != json.loads(without)["serialNumber"]
    parts = {part["name"]: part for part in json.loads(text)["components"]}
    mpi = parts["openmpi"]
    assert mpi["version"] == "5.0.7"
    assert mpi["licenses"] == [{"license": {"id": "BSD-3-Clause-Open-MPI"}}]
    digest = hashlib.sha256(tar.read_bytes()).hexdigest()
    assert mpi["hashes"] == [{"alg": "SHA-256", "content": digest}]
    inside = {part["name"]: part["licenses"] for part in mpi["components"]}
    assert inside["libucx-cu13"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert inside["nvidia-cuda-runtime"] == [{"license": {"name": "LicenseRef-NVIDIA-Proprietary"}}]


def test_it_tells_what_needs_what(bill):
    needs = {one["ref"]: one.get("dependsOn", []) for one in json.loads(bill)["dependencies"]}
    assert needs["whole==1.0"] == ["a-part==1.0"]
    assert len(needs["hpcpy-mpich-cpu"]) == 6
