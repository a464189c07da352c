import ast
import subprocess
import sys
from pathlib import Path

import click
import pytest

import hpcpy_collectives.examples
from hpcpy_collectives.bench import bench
from hpcpy_collectives.examples import TOPICS

FOLDER = Path(hpcpy_collectives.examples.__file__).parent
EXAMPLES = {example.name: example for examples in TOPICS.values() for example in examples}


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["demo", "--help"], ["demo", "--list"]]
)
def test_help_and_list_do_not_start_mpi(argv):
    program = (
        "import sys\n"
        "from hpcpy_collectives.__main__ import main\n"
        f"assert main({argv}) == 0\n"
        "assert 'mpi4py.MPI' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_list_names_every_example_and_topic():
    shown = subprocess.run(
        [sys.executable, "-m", "hpcpy_collectives", "demo", "--list"],
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    lines = shown.stdout.splitlines()
    assert [line for line in lines if line.endswith(":")] == [f"{topic}:" for topic in TOPICS]
    listed = [line.split(maxsplit=1) for line in lines if line.startswith("  ")]
    assert listed == [[example.name, example.summary] for example in EXAMPLES.values()]


def test_every_module_is_an_example():
    assert {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_one_page_with_a_function_of_its_name(name):
    text = (FOLDER / f"{name}.py").read_text()
    assert 40 <= len(text.splitlines()) <= 150
    assert "COMM_WORLD" not in text
    assert "print(" not in text
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    function = next(node for node in functions if node.name == name)
    assert [argument.arg for argument in function.args.args[:2]] == ["comm", "device"]
    assert len(function.args.args) - 2 == len(function.args.defaults)
    first = (ast.get_docstring(function) or "").splitlines()[0]
    assert first.endswith(". Collective over comm.")


@pytest.mark.parametrize(("command", "name"), [(bench, "iterations"), (bench, "warmup")])
def test_days_of_repeats_are_refused_by_the_numbers(command, name):
    option = next(each for each in command.params if each.name == name)
    assert option.type.convert("1000000", option, None) == 10**6
    with pytest.raises(click.BadParameter, match=r"1000000000 is not in the range .*<=x<=1000000"):
        option.type.convert("1000000000", option, None)
