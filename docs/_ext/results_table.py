"""Show figures of a report in docs/results as a table, read when the page is built: ``results``.

    ```{results} /results/collectives-yardstick.json
    :at: cases.*.seconds
    :scale: 1e6
    :head: us
    ```

Figures are never typed into a page. ``at`` names an object in the JSON. A star stands
for every name in that place, each becomes a row, and the names below are the columns.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata, OptionSpec

__all__ = ["ResultsTable", "find_rows"]


Row = Mapping[str, Any]
"""Figures by column."""


def find_rows(report: Row, places: list[str]) -> dict[str, Row]:
    """Return the rows of a table by their names.

    Parameters
    ----------
    report
        What a JSON file holds.
    places
        Each names an object with rows of one figure, or a single figure, or has a star
        where the rows are.

    Raises
    ------
    KeyError, TypeError
        If there is nothing in that place.
    """
    rows: dict[str, Row] = {}
    for place in places:
        outer, star, inner = place.partition("*")
        found = _descend(report, outer)
        if star:
            found = {name: _descend(row, inner) for name, row in found.items()}
        elif not isinstance(found, Mapping):
            found = {place.rpartition(".")[2]: found}
        for name, row in found.items():
            rows[name] = row if isinstance(row, Mapping) else {"": row}
    return rows


def _descend(data: Any, place: str) -> Any:  # noqa: ANN401 - JSON
    for name in filter(None, place.split(".")):
        data = data[name]
    return data


class ResultsTable(SphinxDirective):
    """A table of figures.

    Options
    -------
    at
        Names from the outside in, with dots between; a star is every name. More such
        places follow after a space.
    scale
        Factor of all figures, such as 1e6 to turn s into us.
    head
        What stands above the names of the rows.
    """

    required_arguments = 1
    option_spec: ClassVar[OptionSpec] = {"at": str, "scale": float, "head": str}

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        relative, absolute = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        try:
            report = json.loads(Path(absolute).read_text(encoding="utf-8"))
            rows = find_rows(report, self.options["at"].split())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self.error(f"{relative}: {error!r}") from error
        columns = list(dict.fromkeys(key for row in rows.values() for key in row))
        lines = [[self.options.get("head", ""), *columns], ["---"] * (len(columns) + 1)]
        for name, row in rows.items():
            lines.append([name, *(self._format(row.get(column)) for column in columns)])
        return self.parse_text_to_nodes("\n".join(f"| {' | '.join(line)} |" for line in lines))

    def _format(self, value: object) -> str:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return f"{value * self.options.get('scale', 1.0):.3g}"
        return "" if value is None else str(value)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("results", ResultsTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
