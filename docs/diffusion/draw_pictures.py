"""Draw the pictures of `vector.md`: ``python docs/diffusion/draw_pictures.py``."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from hpcpy_diffusion.kernels.lanes.layout import LaneLayout

PICTURES = Path(__file__).parent.parent / "pictures"
LANES = plt.get_cmap("tab10")


def box(axes: Axes, x: float, y: float, text: str, colour: object, size: int = 8) -> None:
    """Draw one cell."""
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor="white", linewidth=1.5))
    axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=size)


def draw_layout(path: Path, columns: int = 29) -> None:
    """Draw a row as it is in memory: plain, and in the lane-split layout."""
    layout = LaneLayout(columns=columns, dtype=np.dtype("float64"))
    figure, (plain, split) = plt.subplots(
        2, 1, figsize=(8, 3.2), height_ratios=(1, 3.2), layout="constrained"
    )
    for column in range(columns):
        _, lane = layout.place(column)
        box(plain, column, 0, str(column), (*LANES(lane)[:3], 0.55))
    plain.set(xlim=(0, columns + 3), ylim=(-0.1, 1.1), title=f"a row of {columns} cells")
    cells = {layout.place(column): column for column in range(columns)}
    for vector in range(layout.vectors):
        for lane in range(layout.lanes):
            cell = cells.get((vector, lane))
            colour = "0.93" if cell is None else (*LANES(lane)[:3], 0.55)
            text = "" if cell is None else str(cell)
            box(split, 1.5 + lane, layout.vectors - 1 - vector, text, colour)
        split.text(1.3, layout.vectors - 0.5 - vector, f"vector {vector}", ha="right", va="center")
    for lane in range(layout.lanes):
        split.text(2 + lane, layout.vectors + 0.15, str(lane), ha="center", fontsize=8)
    split.text(1.3, layout.vectors + 0.15, "lane", ha="right", fontsize=8)
    middle = layout.vectors - 1.5
    for vector, words in ((0, "west of"), (2, "east of")):
        split.text(10, layout.vectors - 0.5 - vector, f"{words} vector 1", va="center")
    split.text(10, middle, "vector 1: updated by a few instructions", va="center")
    split.text(
        10, 0.35, f"no colour: dead cells; the first of them, vector {layout.dead[0]}, is kept at 0"
    )
    split.set(xlim=(-2, 26), ylim=(-0.1, layout.vectors + 0.7), title="the same row in 8 lanes")
    for axes in (plain, split):
        axes.set_aspect("equal")
        axes.axis("off")
    figure.savefig(path, dpi=110)


def draw_wave(path: Path, rows: int = 18, steps: int = 5, block: int = 4) -> None:
    """Draw in which order a pass computes rows and steps, and where it writes them."""
    figure, axes = plt.subplots(figsize=(8, 3.9), layout="constrained")
    colours = plt.get_cmap("viridis")
    leads = range(0, rows + steps - 1, block)
    turn = 0
    for lead in leads:
        for level in range(steps):
            first, stop = max(0, lead - level), min(rows, lead - level + block)
            if first < stop:
                turn += 1
                for row in range(first, stop):
                    share = leads.index(lead) / (len(leads) - 1)
                    place = row - level - 1
                    box(axes, place, steps - 1 - level, f"{row}", (*colours(share)[:3], 0.55))
                axes.text(
                    (first + stop) / 2 - level - 1, steps - level - 0.06, str(turn),
                    ha="center", va="top", fontsize=6, color="crimson",
                )  # fmt: skip
    for level in range(steps):
        axes.text(-steps - 0.6, steps - 0.5 - level, f"step {level + 1}", ha="right", va="center")
    axes.set(
        xlim=(-steps - 3.2, rows), ylim=(-1.2, steps + 0.1),
        xlabel="place in memory", xticks=range(-steps, rows, 2), yticks=[],
    )  # fmt: skip
    axes.text(
        -steps, -0.95,
        f"{rows} rows, {steps} steps a pass, blocks of {block} rows. Black: row. Red: turn.",
        fontsize=8,
    )  # fmt: skip
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    draw_layout(PICTURES / "lane-layout.png")
    draw_wave(PICTURES / "wave.png")
