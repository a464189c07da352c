import ast
import subprocess
import sys
from pathlib import Path

import pytest

import hpcpy_mpiio.examples
from hpcpy_mpiio.examples import TOPICS

FOLDER = Path(hpcpy_mpiio.examples.__file__).parent
EXAMPLES = {example.name: example for examples in TOPICS.values() for example in examples}


def test_the_list_starts_no_mpi():
    program = (
        "import sys, hpcpy_mpiio.examples\n"
        "assert 'mpi4py.MPI' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


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


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_shows_mpi_and_is_checked_by_numpy(name):
    text = (FOLDER / f"{name}.py").read_text()
    for shown in ("MPI.File.Open(", "scratch_file(comm)", "closing(file)", "device"):
        assert shown in text
    assert "np.fromfile(" in text or "np.load(" in text
    summary = EXAMPLES[name].summary
    for call in summary.partition(": ")[2].split(", "):
        assert not call or call[0].islower() or call in text
