"""A portrait before green: the person is left as it is, all else is green, and who can't be told from the ground is refused."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest

from core.contracts import Face, Portrait
from core.errors import InputError
from live.ground import GREEN, on_green
from live.session.showing.character import Character
from motion.live.performer import LivePerformer
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.portrait_step import find_portrait
from pipeline.run import Run


@pytest.fixture(scope="module")
def portrait(root_dir, tmp_path_factory):
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings(tmp_path_factory.mktemp("cache"))), lambda *told: None, release)
        return find_portrait(run, root_dir / "demo" / "portrait.jpg", SongToVideoSettings(engine="mesh", height=512))[0]


def test_the_ground_is_green_and_the_person_stays(portrait):
    made = on_green(portrait)
    assert made.image.shape == portrait.image.shape and made.face is portrait.face
    green = (made.image == np.array(GREEN)).all(axis=2)
    assert green[:20, :20].all() and green[:20, -20:].all()
    left, top, right, bottom = (round(edge) for edge in portrait.face.box)
    middle = slice((top + 2 * bottom) // 3, bottom - 10), slice(left + 30, right - 30)
    assert np.abs(made.image[middle].astype(int) - portrait.image[middle]).max() <= 2
    assert 0.2 < green.mean() < 0.8
    assert made.keep is None and made.usual is None  # what was kept of the picture shows its own ground


def test_a_files_own_transparency_is_believed(portrait):
    alpha = np.zeros(portrait.image.shape[:2], np.uint8)
    figure = (on_green(portrait).image != np.array(GREEN)).any(axis=2)
    alpha[figure] = 255
    corner = slice(-60, None), slice(None, 200)  # a shoulder, which the network would have kept
    assert figure[corner].mean() > 0.5
    alpha[corner] = 0
    cut = on_green(replace(portrait, alpha=alpha))
    assert (cut.image[corner] == np.array(GREEN)).all()


def test_nobody_is_cut_out_of_noise():
    noise = np.random.default_rng(1).integers(0, 255, (256, 256, 3), np.uint8)
    face = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), (0.0, 0.0, 0.0), (90.0, 90.0, 170.0, 170.0))
    with pytest.raises(InputError, match="can't be cut out"):
        on_green(Portrait(noise, face))


@pytest.mark.slow
def test_a_session_that_was_ordered_so_is_drawn_before_green(root_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(tmp_path))
    character = Character(root_dir / "demo" / "portrait.jpg", "mesh", True, lambda *told: None)
    try:
        character.prepare(192)
        drawer = character.drawer(192)
        frame = next(iter(drawer.draw(LivePerformer(25.0).block(1)))).astype(int)
    finally:
        character.close()
    green = (frame[..., 1] - np.maximum(frame[..., 0], frame[..., 2])) > 200
    assert green[:8, :8].all() and green[:8, -8:].all() and not green[80:150, 80:120].any()
