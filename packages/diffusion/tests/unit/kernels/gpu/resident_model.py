"""march_resident.cu in NumPy: whole rows for the lanes of a warp, and one block after the other.

It keeps rows where the kernel keeps them, sends what the kernel sends to the same places, and
takes the blocks in any order in which what they wait for is there.
"""

from dataclasses import dataclass, field

import numpy as np

from hpcpy_diffusion.kernels.gpu.plan_resident import WARPS, ResidentPlan

FIRST, LAST = 0, 1
ABOVE, BELOW = 0, 2 * WARPS + 1


@dataclass(kw_only=True)
class Block:
    """What a block keeps; NaN where nothing was written yet."""

    y: int
    x: int
    lines: np.ndarray
    """At even and odd steps: one above, first and last of each warp, one below."""
    kept: np.ndarray
    held: np.ndarray
    beside: np.ndarray
    """Of each warp, west and east, by turn."""
    ends: np.ndarray
    step: int = 0


@dataclass(kw_only=True)
class Post:
    """Device memory between blocks: items, and the times at which they are so."""

    items: np.ndarray
    times: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.times = np.zeros(self.items.shape, int)


class ResidentModel:
    """The launches of one sweep: the times go on from one to the next."""

    def __init__(self, plan: ResidentPlan, shape: tuple[int, int]) -> None:
        self.plan, self.shape = plan, shape
        posts = 2 * plan.line + 2 * plan.height
        self.post = Post(items=np.full((plan.down, plan.across, 2, posts), np.nan))
        assert plan.words == self.post.items.size * plan.itemsize // 4 * 2
        self.time = 1

    def launch(self, u: np.ndarray, r: float, steps: int, rng: np.random.Generator) -> np.ndarray:
        """Return u after the steps; what is not written is NaN, what is written twice fails."""
        grid = np.ndindex(self.plan.down, self.plan.across)
        blocks = {place: self._load(u, *place) for place in grid}
        while waiting := [b for b in blocks.values() if b.step < steps]:
            ready = [b for b in waiting if self._may_go_on(b)]
            assert ready, "a deadlock"
            block = ready[rng.integers(len(ready))]
            self._take_step(block, r, blocks)
        self.time += steps
        out = np.full_like(u, np.nan)
        for block in blocks.values():
            self._store(block, out, steps)
        return out

    def _row(self, block: Block, warp: int) -> int:
        return (block.y * WARPS + warp) * self.plan.rows

    def _row_of(self, turn: int) -> int:
        return {0: 0, 1: self.plan.rows - 1}.get(turn, turn - 1)

    def _load(self, u: np.ndarray, y: int, x: int) -> Block:
        plan = self.plan
        near, line = 2 + plan.kept, plan.line
        padded = np.zeros((plan.down * plan.height + 2, plan.across * line + 2))
        padded[: u.shape[0], : u.shape[1]] = u
        top, left = y * plan.height, x * line
        tile = padded[top : top + plan.height + 2, left : left + line + 2]
        inner = tile[1:-1, 1:-1].reshape(WARPS, plan.rows, line)
        lines = np.full((2, 2 * WARPS + 2, line), np.nan)
        lines[:, ABOVE], lines[:, BELOW] = tile[0, 1:-1], tile[-1, 1:-1]
        lines[0, 1:BELOW:2], lines[0, 2:BELOW:2] = inner[:, 0], inner[:, -1]
        held = np.full((WARPS, plan.held + 1, line), np.nan)
        held[:, 1:] = inner[:, near - 1 : -1]
        turns = [self._row_of(turn) for turn in range(plan.rows)]
        sides = tile[1:-1, [0, -1]].reshape(WARPS, plan.rows, 2)
        return Block(
            y=y,
            x=x,
            lines=lines,
            kept=inner[:, 1 : near - 1].copy(),
            held=held,
            beside=sides[:, turns].transpose(0, 2, 1).copy(),
            ends=np.full((WARPS, 2, plan.rows), np.nan),
        )

    def _neighbours(self, block: Block) -> dict[str, tuple[int, int]]:
        around = {
            "above": (block.y - 1, block.x),
            "below": (block.y + 1, block.x),
            "west": (block.y, block.x - 1),
            "east": (block.y, block.x + 1),
        }
        plan = self.plan
        return {
            side: (y, x)
            for side, (y, x) in around.items()
            if 0 <= y < plan.down and 0 <= x < plan.across
        }

    def _box(self, side: str) -> slice:
        """Where a block puts what the block on that side needs."""
        line, height = self.plan.line, self.plan.height
        first = {"above": 0, "below": line, "west": 2 * line, "east": 2 * line + height}[side]
        return slice(first, first + (line if side in ("above", "below") else height))

    def _inbox(self, block: Block, side: str) -> tuple[int, int, int, slice]:
        opposite = {"above": "below", "below": "above", "west": "east", "east": "west"}[side]
        return (*self._neighbours(block)[side], block.step % 2, self._box(opposite))

    def _may_go_on(self, block: Block) -> bool:
        wanted = self.time + block.step
        return block.step == 0 or all(
            (self.post.times[self._inbox(block, side)] == wanted).all()
            for side in self._neighbours(block)
        )

    def _take_step(self, block: Block, r: float, blocks: dict[tuple[int, int], Block]) -> None:
        plan, odd = self.plan, block.step % 2
        now, after = block.lines[odd], block.lines[1 - odd]
        neighbours = self._neighbours(block)
        if block.step:
            for side in neighbours:
                items = self.post.items[self._inbox(block, side)]
                if side in ("above", "below"):
                    now[ABOVE if side == "above" else BELOW] = items
                else:
                    block.beside[:, int(side == "east")] = items.reshape(WARPS, plan.rows)
        for warp in range(WARPS):
            self._march(block, warp, r, now, after)
        sent = {
            "above": after[1],
            "below": after[-2],
            "west": block.ends[:, 0].ravel(),
            "east": block.ends[:, 1].ravel(),
        }
        for side, place in neighbours.items():
            assert blocks[place].step >= block.step, "written over before it was read"
            box = (block.y, block.x, 1 - odd, self._box(side))
            self.post.items[box] = sent[side]
            self.post.times[box] = self.time + block.step + 1
        block.step += 1

    def _march(self, block: Block, warp: int, r: float, now: np.ndarray, after: np.ndarray) -> None:
        """Compute the rows of a warp, each written where it lies from then on."""
        plan, odd = self.plan, block.step % 2
        kept, held, top = block.kept[warp], block.held[warp], 1 - odd
        above, first, last, below = now[2 * warp : 2 * warp + 4]
        rows = [first, *kept, *held[top : top + plan.held], last]

        def advance(turn: int, *around: np.ndarray) -> np.ndarray:
            return self._advance(block, warp, turn, r, around)

        after[1 + 2 * warp] = advance(0, above, first, rows[1])
        after[2 + 2 * warp] = advance(1, rows[-2], last, below)
        north, here = first, rows[1].copy()
        for k in range(plan.kept):
            south = rows[2 + k].copy()
            kept[k] = advance(2 + k, north, here, south)
            north, here = here, south
        for n in range(plan.held):
            k = plan.held - 1 - n if odd else n
            at = top + k
            held[at + 1 if odd else at - 1] = advance(
                2 + plan.kept + k,
                held[at - 1] if k else north,
                held[at],
                held[at + 1] if k < plan.held - 1 else last,
            )

    def _advance(
        self, block: Block, warp: int, turn: int, r: float, rows: tuple[np.ndarray, ...]
    ) -> np.ndarray:
        north, here, south = rows
        west, east = block.beside[warp, :, turn]
        around = np.concatenate([[west], here, [east]])
        result = (1 - 4 * r) * here + r * ((north + south) + (around[:-2] + around[2:]))
        live_rows = self.shape[0] - 2 - self._row(block, warp)
        live = self.shape[1] - 2 - block.x * self.plan.line
        fixed = slice(0 if self._row_of(turn) >= live_rows else max(0, live), None)
        result[fixed] = here[fixed]
        assert not self.plan.whole or not result[fixed].size
        block.ends[warp, :, turn] = result[0], result[-1]
        return result

    def _store(self, block: Block, out: np.ndarray, steps: int) -> None:
        plan = self.plan
        left = 1 + block.x * plan.line
        right = min(left + plan.line, self.shape[1] - 1)
        place = 0 if steps % 2 else 1
        for warp in range(WARPS):
            lines = block.lines[steps % 2, 1 + 2 * warp : 3 + 2 * warp]
            held = block.held[warp, place : place + plan.held]
            for k, line in enumerate([lines[FIRST], *block.kept[warp], *held, lines[LAST]]):
                row = 1 + self._row(block, warp) + k
                if row < self.shape[0] - 1:
                    assert np.isnan(out[row, left:right]).all()
                    out[row, left:right] = line[: right - left]
