"""One piece of a head that can be walked around: triangles, what colours them, and what moves them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.contracts import ByteArray, FloatArray
from faces.fitting.head_mesh import IntArray


@dataclass(frozen=True)
class Part:
    """places: (V, 3) float32 picture pixels with the face relaxed (x right, y down, z away). triangles: (N, 3) int32.

    uv: (V, 2) in `picture`, 0 to 1 from its upper left corner; None where `tint`, (3,) RGB in 0..255, colours it.
    picture: (h, w, 3) RGB or (h, w, 4) with alpha, of which less than a half is not seen.
    deltas: name of an ARKit shape -> (V, 3) pixels that it adds at its full weight; shapes that move nothing are left out.
    follow: (V, 1) how much of the head's movement each vertex takes.
    """

    name: str
    places: FloatArray
    triangles: IntArray
    uv: FloatArray | None = None
    picture: ByteArray | None = None
    tint: FloatArray | None = None
    deltas: dict[str, FloatArray] = field(default_factory=dict)
    follow: FloatArray | None = None


def grid_triangles(rows: int, columns: int) -> IntArray:
    """Triangles over `rows` x `columns` vertices that are numbered row by row."""
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None]).ravel()
    left = np.stack([first, first + 1, first + columns], 1)
    right = np.stack([first + 1, first + columns + 1, first + columns], 1)
    return np.concatenate([left, right]).astype(np.int32)


def towards_viewer(places: FloatArray, triangles: IntArray) -> IntArray:
    """The triangles, each turned so that its front is on the viewer's side of the picture."""
    a, b, c = (places[triangles[:, k], :2] for k in range(3))
    turns = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return np.where((turns > 0)[:, None], triangles[:, ::-1], triangles).astype(np.int32)
