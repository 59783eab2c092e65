"""The compiled pixel work against plain implementations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay

from animators.mesh.raster import UNCOVERED, compose, kinds_of, rasterize, sample_cubic


def test_rasterize_agrees_with_scipy():
    random = np.random.default_rng(1)
    places = np.column_stack([random.uniform(3, 60, (40, 2)), np.zeros(40)]).astype(np.float32)
    texture = random.uniform(0, 100, (40, 2)).astype(np.float32)
    triangles = Delaunay(places[:, :2])
    coordinates, depth = np.empty((64, 64, 2), np.float32), np.empty((64, 64), np.float32)
    rasterize(places, texture, triangles.simplices.astype(np.int32), 3, coordinates, depth)
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
        rasterize(places, texture, np.array(order, np.int32), 1, coordinates, depth)
        assert coordinates[5, 5, 0] == 2


@pytest.mark.slow
def test_cubic_sampling_is_exact_on_pixels_and_follows_catmull_and_rom():
    texture = np.random.default_rng(2).integers(0, 256, (12, 14, 4)).astype(np.uint8)
    out = np.empty(4, np.float32)
    sample_cubic(texture, 7.0, 5.0, out)
    assert (out == texture[5, 7]).all()
    x, y = 6.3, 4.6

    def weight(t):
        t = abs(t)
        return 1.5 * t**3 - 2.5 * t**2 + 1 if t < 1 else (-0.5 * t**3 + 2.5 * t**2 - 4 * t + 2 if t < 2 else 0.0)

    expected = sum(weight(x - i) * weight(y - j) * texture[j, i].astype(float) for i in range(14) for j in range(12))
    sample_cubic(texture, x, y, out)
    assert np.allclose(out, expected, atol=0.02)


def test_beyond_the_border_nothing_that_ends_before_it_appears_again():
    texture = np.zeros((20, 20, 4), np.uint8)
    texture[3:10, :, :] = 255  # a bar whose upper end is three pixels under the border
    out = np.empty(4, np.float32)
    sample_cubic(texture, 8.0, -5.0, out)
    assert out[3] == 0
    texture[:10, :, :] = 255  # a bar that the border cuts
    sample_cubic(texture, 8.0, -5.0, out)
    assert out[3] == 255 and out[0] == 255


def test_compose_lays_head_over_body_over_background():
    background = np.full((4, 4, 3), 10, np.uint8)
    body, head = np.full((4, 4, 4), 100, np.uint8), np.full((4, 4, 4), 200, np.uint8)
    body[..., 3], head[..., 3] = 255, 51
    y, x = np.mgrid[0:4, 0:4].astype(np.float32)
    coordinates = np.ascontiguousarray(np.stack([x, y], 2))
    nowhere = np.full((4, 4, 2), UNCOVERED, np.float32)
    inlay = np.zeros((4, 4, 4), np.uint8)
    inlay[0, 0] = (0, 0, 0, 255)
    out = np.zeros((4, 4, 3), np.uint8)
    compose(background, body, kinds_of(body), coordinates, head, kinds_of(head), coordinates, inlay, 0, 0, out)
    assert (out[1, 1] == 120).all() and (out[0, 0] == 80).all()
    compose(background, body, kinds_of(body), nowhere, head, kinds_of(head), nowhere, inlay, 0, 0, out)
    assert (out == 10).all()
