"""Triangles to coordinates against plain implementations."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay

from animators.mesh.raster import UNCOVERED, rasterize


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
