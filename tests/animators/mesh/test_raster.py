"""Triangles to coordinates against plain implementations."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay

from animators.mesh.raster import MIXED, UNCOVERED, draw_triangles, rasterize
from drawing.packed import packed


def test_rasterize_agrees_with_scipy():
    random = np.random.default_rng(1)
    places = np.column_stack([random.uniform(3, 60, (40, 2)), np.zeros(40)]).astype(np.float32)
    texture = random.uniform(0, 100, (40, 2)).astype(np.float32)
    triangles = Delaunay(places[:, :2])
    coordinates, depth = np.empty((64, 64, 2), np.float32), np.empty((64, 64), np.float32)
    rasterize(places, texture, triangles.simplices.astype(np.int32), coordinates, depth)
    y, x = np.mgrid[0:64, 0:64]
    expected = LinearNDInterpolator(triangles, texture)(x, y)
    inside = ~np.isnan(expected[..., 0])
    covered = coordinates[..., 0] > UNCOVERED
    assert (covered != inside).mean() < 0.002
    both = covered & inside
    assert np.abs(coordinates[both] - expected[both]).max() < 0.05


def test_the_nearer_triangle_wins():
    places = np.array([[0, 0, 5], [20, 0, 5], [0, 20, 5], [0, 0, 1], [20, 0, 1], [0, 20, 1]], np.float32)
    texture = np.array([[1, 1]] * 3 + [[2, 2]] * 3, np.float32)
    coordinates, depth = np.empty((16, 16, 2), np.float32), np.empty((16, 16), np.float32)
    for order in ([[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]]):
        rasterize(places, texture, np.array(order, np.int32), coordinates, depth)
        assert coordinates[5, 5, 0] == 2


def test_triangles_are_drawn_in_their_order_and_each_pixel_once():
    """Two that share an edge leave no gap and no doubled pixel between them, and a later one lies over what is there."""
    places = np.array([[1.3, 1.7], [30.2, 2.1], [28.4, 25.9], [2.8, 27.2], [10, 10], [20, 11], [12, 20]], np.float32)
    picture = np.zeros((40, 40, 4), np.uint8)
    picture[..., 0], picture[..., 3] = 100, 128
    triangles = np.array([[0, 1, 2], [2, 3, 0], [4, 5, 6]], np.int32)

    def drawn(order):
        frame = np.zeros((32, 36, 3), np.uint8)
        kinds, still = np.full(3, MIXED, np.uint8), np.ones_like(frame)
        rows, nowhere = packed(picture).ravel(), np.full(2, -99, np.float32)
        chosen = np.array(order, np.int64)
        draw_triangles(places, places.copy(), nowhere, 1, triangles, chosen, kinds, 9, rows, 40, still, frame)
        return frame[..., 0]

    square = drawn([0, 1])
    assert set(np.unique(square)) == {0, 50} and square[4:25, 5:27].min() == 50
    assert ((drawn([0]) > 0).astype(int) + (drawn([1]) > 0) == (square > 0)).all()
    both = drawn([2, 1, 0])
    assert set(np.unique(both)) == {0, 50, 75} and both[13, 13] == 75 and (both > 0).sum() == (square > 0).sum()
