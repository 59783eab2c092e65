from __future__ import annotations

from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from filters.looks.shapes import Drawing, Shape, draw, outlines_of, to_svg

SIDE = 64


def disc(radius, x=32.0, y=32.0):
    """How far inside a disc each pixel's centre lies, in pixels; x, y from the picture's corner."""
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    return (radius - np.hypot(columns - x, rows - y)).astype(np.float32)


def drawn(field, **more):
    return Drawing(SIDE, SIDE, (0, 0, 0), (Shape((255, 255, 255), outlines_of(field, 0.0, 0.05, 1.0)),))


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_disc_is_as_large_and_lies_where_it_did_at_any_size(scale):
    picture = draw(drawn(disc(20.0, 30.0, 33.5)), scale)
    assert picture.shape == (SIDE * scale, SIDE * scale, 3) and picture.dtype == np.uint8
    light = picture[..., 0] / 255.0
    assert light.sum() / scale**2 == pytest.approx(np.pi * 20.0**2, rel=0.03)
    rows, columns = np.mgrid[: SIDE * scale, : SIDE * scale] + 0.5
    assert (columns * light).sum() / light.sum() / scale == pytest.approx(30.0, abs=0.1)
    assert (rows * light).sum() / light.sum() / scale == pytest.approx(33.5, abs=0.15)


def test_edges_stay_sharp_when_drawn_larger():
    small = draw(drawn(disc(20.0)), 1)
    large, stretched = draw(drawn(disc(20.0)), 4), cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    grey = lambda picture: ((picture > 20) & (picture < 235)).sum()  # noqa: E731
    assert grey(large) < 0.5 * grey(stretched)


def test_a_shift_of_a_fraction_of_a_pixel_moves_the_outline_by_it():
    (first,), (second,) = (outlines_of(disc(20.0, x), 0.0, 0.01, 1.0) for x in (30.0, 30.25))
    assert second[:, 0].max() - first[:, 0].max() == pytest.approx(0.25, abs=0.03)


def test_holes_stay_open_and_specks_go():
    ring = np.minimum(disc(20.0), -disc(8.0))
    picture = draw(drawn(ring), 1)
    assert picture[32, 32, 0] == 0 and picture[32, 18, 0] == 255
    assert outlines_of(disc(1.0), 0.0, 0.05, 10.0) == ()


def test_what_reaches_the_border_fills_it():
    assert (draw(drawn(np.ones((SIDE, SIDE), np.float32)), 2) == 255).all()


def test_svg_holds_the_same_shapes():
    drawing = drawn(np.minimum(disc(20.0), -disc(8.0)))
    root = ElementTree.fromstring(to_svg(drawing, 4))
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("width") == "256" and root.get("viewBox") == "0 0 64 64"
    assert root.find(f"{space}rect").get("fill") == "#000000"
    (path,) = root.findall(f"{space}path")
    assert path.get("fill") == "#ffffff" and path.get("fill-rule") == "evenodd"
    rings = [part for part in path.get("d").split("Z") if part]
    assert len(rings) == 2
    points = np.array([pair.split(",") for pair in rings[0][1:].split()], float)
    np.testing.assert_allclose(points, drawing.shapes[0].outlines[0], atol=0.006)
