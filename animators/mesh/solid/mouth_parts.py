"""The inside of the mouth: two rows of teeth on their arches, a tongue, and the dark bag behind the lips that holds them.

Teeth and colours are those that the mesh engine paints (`faces.fitting.mouth`). The engine lets lips that close over a dropped
jaw hold back the lower teeth by the product of both shapes; sums of shapes, as here, can't.
"""

from __future__ import annotations

import numpy as np

from animators.mesh.solid.bust import Bust
from animators.mesh.solid.part import Part, grid_triangles
from core.contracts import ByteArray, FloatArray
from faces.fitting import teeth
from faces.fitting.head_mesh import depth_at
from faces.fitting.shapes import JAW_DROP

#: Half the width of the arch of teeth, in eye spans, and its depth against that.
ARCH, ARCH_DEEP = 0.31, 0.9
#: Eye spans by which everything inside stays behind the skin.
BEHIND_SKIN = 0.035
#: Rings of the bag behind the lips: eye spans up or down, and behind; parts of the lips' own movement.
BAG = ((0.0, 0.012, 1.0), (0.12, 0.12, 0.95), (0.16, 0.36, 0.8), (0.05, 0.55, 0.6))
LOWER_ROW_BEHIND = 0.012
#: How far lower teeth and tongue go with the jaw's drop, and the teeth with lips pushed forward, as in `faces.fitting.mouth`.
TEETH_DROP, TONGUE_DROP, FORWARD_DROP, RESTING = 0.945, 0.42, 0.03, 0.020


class MouthParts:
    """Makes them for one portrait."""

    def __init__(self, bust: Bust) -> None:
        self.bust, self.mouth = bust, bust.drawer.mouth
        self.span = bust.rig.coordinates.eye_span
        lower = bust.drawer.mesh.groups["lip_lower"]
        self.skin = np.delete(bust.places, lower[1:-1], axis=0)
        self.jaw = np.delete(bust.deltas()["jawOpen"], lower[1:-1], axis=0)
        self.across, self.down, self.away = (bust.rig.coordinates.axes[:, k] * self.span for k in range(3))

    def all(self) -> list[Part]:
        """Bag, tongue, lower and upper teeth."""
        drops = dict.fromkeys(("mouthFunnel", "mouthPucker"), FORWARD_DROP) | {"jawOpen": TEETH_DROP * JAW_DROP}
        parts = [self._bag(), self._tongue()]
        if self.mouth.lower[..., 3].any():
            parts.append(self._teeth("lower teeth", self.mouth.lower, RESTING, LOWER_ROW_BEHIND, drops))
        if self.mouth.upper[..., 3].any():
            parts.append(self._teeth("upper teeth", self.mouth.upper, 0.0, 0.0, {}))
        return parts

    def _at(self, a: FloatArray, b: FloatArray, deep: FloatArray, drop: float = 0.0) -> FloatArray:
        """Places (V, 3) at eye spans across, down and behind the teeth's front, none before the skin."""
        a, b, deep = (np.broadcast_to(each, a.shape).ravel()[:, None] for each in (a, b, deep))
        return self._kept_inside(self.mouth.anchor + a * self.across + b * self.down + deep * self.away, drop)

    def _kept_inside(self, places: FloatArray, drop: float = 0.0) -> FloatArray:
        """Places (V, 3), moved back where they came before the skin, at rest or `drop` eye spans down with the jaw."""
        places = np.array(places, np.float32)
        for part in (0.0, 0.5, 1.0) if drop else (0.0,):
            skin = self.skin + part * self.jaw
            places[:, 2] = np.maximum(places[:, 2], self._skin_before(places + part * drop * self.down, skin))
        return places

    def _skin_before(self, places: FloatArray, skin: FloatArray) -> FloatArray:
        return depth_at(places[:, :2], skin) + BEHIND_SKIN * self.span

    def _teeth(self, name: str, sheet: ByteArray, rest: float, behind: float, drops: dict[str, float]) -> Part:
        rows, columns = 5, 33
        b, a = np.meshgrid(np.linspace(teeth.TOP, teeth.BOTTOM, rows), np.linspace(-ARCH, ARCH, columns), indexing="ij")
        deep = ARCH_DEEP * ARCH * (1 - np.sqrt(1 - np.minimum(np.abs(a) / ARCH, 0.985) ** 2)) + behind
        uv = np.stack([(a - teeth.LEFT) / (teeth.RIGHT - teeth.LEFT), (b - teeth.TOP) / (teeth.BOTTOM - teeth.TOP)], 2)
        places = self._at(a, b + rest, deep, drops.get("jawOpen", 0.0))
        triangles = grid_triangles(rows, columns)[:, ::-1].copy()
        return Part(name, places, triangles, uv.reshape(-1, 2).astype(np.float32), sheet, deltas=self._drop(places, drops))

    def _tongue(self) -> Part:
        rows, columns = 9, 13
        back, a = np.meshgrid(np.linspace(0, 1, rows), np.linspace(-0.25, 0.25, columns), indexing="ij")
        tip = (1 - np.minimum(back / 0.35, 1)) ** 2
        width = 1 - 0.45 * tip
        b = RESTING + 0.05 + 0.9 * a**2 + 0.06 * tip + 0.03 * np.exp(-((a / 0.018) ** 2))
        deep = 0.05 + 0.4 * back + ARCH_DEEP * a**2 / ARCH
        places = self._at(a * width, b, deep, TONGUE_DROP * JAW_DROP)
        triangles = grid_triangles(rows, columns)
        drop = self._drop(places, {"jawOpen": TONGUE_DROP * JAW_DROP})
        return Part("tongue", places, triangles, tint=0.8 * self.mouth.tones.tongue, deltas=drop)

    def _drop(self, places: FloatArray, drops: dict[str, float]) -> dict[str, FloatArray]:
        return {name: np.repeat((drop * self.down)[None], len(places), 0).astype(np.float32) for name, drop in drops.items()}

    def _bag(self) -> Part:
        """Rings that begin at the lips' edges, go along with them, and close far behind."""
        groups = self.bust.drawer.mesh.groups
        loop = np.concatenate([groups["lip_upper"], groups["lip_lower"][-2:0:-1]])
        side = np.concatenate([-np.ones(len(groups["lip_upper"])), np.ones(len(loop) - len(groups["lip_upper"]))])
        side[[0, len(groups["lip_upper"]) - 1]] = 0
        lips, moves = self.bust.places[loop], self.bust.deltas()
        rings = [lips + (up * side[:, None]) * self.down + back * self.away for up, back, _ in BAG]
        places = np.concatenate([rings[0], self._kept_inside(np.concatenate(rings[1:])), rings[-1].mean(axis=0)[None]])
        count, last = len(loop), len(BAG) * len(loop)
        following = np.roll(np.arange(count), -1)
        triangles = []
        for k in range(len(BAG) - 1):
            near, far = k * count, (k + 1) * count
            triangles += [np.stack([near + np.arange(count), far + np.arange(count), near + following], 1)]
            triangles += [np.stack([near + following, far + np.arange(count), far + following], 1)]
        far = (len(BAG) - 1) * count
        triangles += [np.stack([far + np.arange(count), np.full(count, last), far + following], 1)]
        deltas = {}
        for name, move in moves.items():
            if np.abs(move[loop]).max() > 1e-3:
                own = [share * move[loop] for _, _, share in BAG]
                deltas[name] = np.concatenate([*own, own[-1].mean(axis=0)[None]]).astype(np.float32)
        return Part("mouth", places, np.concatenate(triangles).astype(np.int32), tint=self.mouth.tones.cavity, deltas=deltas)
