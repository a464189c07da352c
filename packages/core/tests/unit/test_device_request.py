import pytest

from hpcpy_core.device_request import parse_request
from hpcpy_core.errors import InputError


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("auto", ("auto", None)),
        ("cpu", ("cpu", None)),
        ("gpu", ("gpu", None)),
        ("gpu:0", ("gpu", 0)),
        ("gpu:12", ("gpu", 12)),
    ],
)
def test_what_can_be_asked_for(text, parsed):
    assert parse_request(text) == parsed


@pytest.mark.parametrize(
    "text", ["", "tpu", "GPU", "gpu:", "gpu:-1", "gpu:a", "cpu:0", "gpu:0 ", "1"]
)
def test_what_names_no_device(text):
    with pytest.raises(InputError, match="is no device: give auto, cpu, gpu, or gpu:N"):
        parse_request(text)
