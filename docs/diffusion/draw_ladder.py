"""Draw the ladders of the benchmark's report: run where the pictures are to be written."""

import json
from pathlib import Path

from hpcpy_diffusion.ladder.draw import draw_ladder

RESULTS = Path(__file__).parent.parent / "results" / "diffusion-cpu.json"


def main() -> None:
    """Draw one picture for each problem."""
    report = json.loads(RESULTS.read_text(encoding="utf-8"))
    for problem, ladder in report["ladder"].items():
        draw_ladder(Path(f"ladder-{problem}.png"), ladder)


if __name__ == "__main__":
    main()
