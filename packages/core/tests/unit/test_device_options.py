import click
import pytest
from click.testing import CliRunner

from hpcpy_core.device_options import device_options


@click.command()
@device_options
def command(device, transport):
    click.echo(f"{device} {transport}")


def run(*argv, **environ):
    return CliRunner().invoke(command, argv, env=environ)


@pytest.mark.parametrize(
    ("argv", "environ", "chosen"),
    [
        ([], {}, "auto auto"),
        (["--device", "gpu:1"], {}, "gpu:1 auto"),
        ([], {"HPCPY_DEVICE": "gpu:2", "HPCPY_TRANSPORT": "direct"}, "gpu:2 direct"),
        (["--device", "cpu"], {"HPCPY_DEVICE": "gpu"}, "cpu auto"),
        (["--force-direct"], {}, "auto force-direct"),
        (["--force-direct", "--transport", "direct"], {}, "auto force-direct"),
        (["--transport", "direct", "--force-direct"], {}, "auto force-direct"),
        (["--force-direct"], {"HPCPY_TRANSPORT": "staged"}, "auto force-direct"),
    ],
)
def test_what_the_callback_gets(argv, environ, chosen):
    assert run(*argv, **environ).output == f"{chosen}\n"


@pytest.mark.parametrize("argv", [["--transport", "force-direct"], ["--device", "gpu:x"]])
def test_words_that_are_none(argv):
    done = run(*argv)
    assert done.exit_code == 2
    assert argv[1] in done.output


@pytest.mark.parametrize("name", ["HPCPY_DEVICE", "HPCPY_TRANSPORT"])
def test_a_variable_that_is_wrong_is_named(name):
    done = run(**{name: "nonsense"})
    assert done.exit_code == 2
    assert name in done.output


@pytest.mark.parametrize("order", [1, -1])
def test_force_direct_excludes_other_transports(order):
    argv = ["--force-direct", "--transport", "staged"]
    done = run(*(argv if order == 1 else [*argv[1:], argv[0]]))
    assert done.exit_code == 2
    assert "--force-direct and --transport staged exclude each other" in done.output
