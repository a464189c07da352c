"""Show an example of a package: its file, and what it prints: the directive ``mpi-example``.

    ```{mpi-example} collectives ring_shift
    :ranks: 3
    ```

The code is the file itself, and the output is that of a run while the page is built.
"""

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata, OptionSpec

__all__ = ["MpiExample"]

PARTS = """\
```{{literalinclude}} /../packages/{package}/src/{module}/examples/{name}.py
:language: python
:caption: packages/{package}/src/{module}/examples/{name}.py
```

```{{run}} mpiexec -n {ranks} hpcpy-{package} demo {name}
```
"""


class MpiExample(SphinxDirective):
    """The file of a package's example, then its run on `ranks` ranks; 4 if left out."""

    required_arguments = 2
    option_spec: ClassVar[OptionSpec] = {"ranks": directives.positive_int}

    def run(self) -> list[nodes.Node]:
        """Return both blocks."""
        package, name = self.arguments
        ranks = self.options.get("ranks", 4)
        module = f"hpcpy_{package.replace('-', '_')}"
        parts = PARTS.format(package=package, module=module, name=name, ranks=ranks)
        return self.parse_text_to_nodes(parts)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive; it needs that of ``run_shown``."""
    app.setup_extension("run_shown")
    app.add_directive("mpi-example", MpiExample)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
