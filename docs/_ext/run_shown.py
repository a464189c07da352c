"""Show a command and what it prints, by running it: the directive ``run``.

    ```{run} mpiexec -n 2 hpcpy-collectives bench --ops latency
    ```

The command runs while the page is read, under a deadline, in docs/_build/runs: the next
directive of the page finds the files that it wrote, such as a picture. It runs in every
build, so that no output is older than the page. No shell is involved.
"""

import os
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata, OptionSpec

__all__ = ["RunShown", "run_command"]

SECONDS = 120
COLUMNS = 80
FOLDER = Path("_build", "runs")


def run_command(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the environment that builds the pages, for two minutes at most.

    Its own mpiexec comes first, whatever the path has else; launched programs that
    outlive the deadline are ended with their launcher.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        ["timeout", "-k", "5", str(SECONDS), *shlex.split(command)],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": str(COLUMNS), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _wrap(command: str) -> str:
    lines = textwrap.wrap(command, COLUMNS, break_long_words=False, break_on_hyphens=False)
    return " \\\n      ".join(lines)


def _parse_codes(argument: str) -> set[int]:
    return {directives.nonnegative_int(word) for word in argument.split(",")}


class RunShown(SphinxDirective):
    """The command and its output as a console block.

    Options
    -------
    exit
        The exit codes that it may have, separated by commas; 0 if left out. Any other
        is an error of the page.
    errors
        Show standard error too, after standard output.
    """

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = {"exit": _parse_codes, "errors": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Run the command, and return the block."""
        self.env.note_reread()
        command = " ".join(self.arguments[0].split())
        done = run_command(command, Path(self.env.srcdir) / FOLDER)
        if done.returncode not in self.options.get("exit", {0}):
            late = f" after {SECONDS} s" if done.returncode in (124, 137) else ""
            raise self.error(
                f"{command!r} ended with exit code {done.returncode}{late}:\n"
                f"{done.stdout}{done.stderr}"
            )
        said = done.stdout + (done.stderr if "errors" in self.options else "")
        text = f"$ {_wrap(command)}\n{said.rstrip()}"
        block = nodes.literal_block(text, text, language="console")
        self.set_source_info(block)
        return [block]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive; pages are read one by one, since figures are measured there."""
    app.add_directive("run", RunShown)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
