"""What is asked of the networks once a drawing: held, kept, and not asked for again. A film is the same, kept or not."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from animators.anime import painter
from animators.anime.engine import ANIME
from animators.anime.fields import FAINT, Fields, packed
from animators.anime.runner import AnimeRenderer, AnimeSettings
from core.engine_card import Sound
from core.errors import Cancelled
from pipeline.cache import CacheSettings, StageCache, stage_key
from pipeline.film_settings import SongToVideoSettings
from tests.animators.anime.drawing import drawn_portrait, joined, motion_of

pytestmark = pytest.mark.long

#: The key poses do for every film.
SURE = AnimeSettings(threads=2, key_poses=3, key_expressions=4, tolerance=1.0)
#: What they do not reach is asked for.
ASKING = replace(SURE, tolerance=0.15, most_further=3)
SIZE = (20, 30, 7)


def film_motion():
    turned = motion_of(1, (7.0, 4.0, 0.0), jawOpen=0.3)
    return joined(motion_of(1), motion_of(1, jawOpen=0.6, mouthLowerDown=0.4), turned, motion_of(1, eyeBlink=0.8, browDown=0.5))


@pytest.fixture
def sessions(networks, monkeypatch):
    """Names of the networks that were loaded, in turn."""
    loaded, load = [], painter.network_session

    def counted(path, *arguments, **named):
        loaded.append(path.name)
        return load(path, *arguments, **named)

    monkeypatch.setattr(painter, "network_session", counted)
    return loaded


def keeping(portrait, folder):
    """(the portrait with a keep in `folder`, the cache behind it)."""
    cache = StageCache(CacheSettings(folder))

    def keep(choices, make):
        with cache.entry("portrait", stage_key("1", {}, choices), make, lambda: None) as entry:
            return entry.folder

    return replace(portrait, keep=keep), cache


def film(portrait, settings, motion=None):
    return np.array(list(AnimeRenderer(settings).frames(portrait, motion or film_motion())))


@pytest.mark.slow
def test_a_second_film_asks_no_network_and_is_the_same(sessions, tmp_path, monkeypatch):
    portrait = drawn_portrait(ground=(120, 170, 200))
    kept, _ = keeping(portrait, tmp_path)
    first = film(kept, SURE)
    assert len(set(sessions)) == 5
    assert (film(portrait, SURE) == first).all()
    monkeypatch.setattr(painter, "ensure_networks", lambda: pytest.fail("a network was looked for"))
    monkeypatch.setattr("animators.anime.figure.MattingNetwork", lambda *arguments: pytest.fail("the figure was cut out again"))
    assert (film(kept, SURE) == first).all()
    other = joined(motion_of(2, (0.0, -5.0, 3.0), mouthSmile=0.4))
    assert (film(kept, SURE, other)[0] != first[0]).any()
    assert (film(kept, replace(SURE, most_further=0)) == first).all()


@pytest.mark.slow
def test_a_film_of_another_height_is_drawn_by_the_same_answers(networks, tmp_path, monkeypatch):
    kept, _ = keeping(drawn_portrait(), tmp_path)
    large = film(kept, SURE)
    monkeypatch.setattr(painter, "ensure_networks", lambda: pytest.fail("a network was looked for"))
    small = replace(drawn_portrait(height=144, width=128, x=64, y=55, size=0.5), usual=kept)
    frames = film(small, SURE)
    shrunk = np.array([cv2.resize(frame, (128, 144), interpolation=cv2.INTER_AREA) for frame in large])
    assert np.abs(frames.astype(int) - shrunk).mean() < 4.0
    assert np.abs(frames[1].astype(int) - shrunk[1]).mean() < np.abs(frames[2].astype(int) - shrunk[1]).mean()


def test_a_preview_asks_nothing_beyond_the_key_poses():
    renderers = [ANIME.make(SongToVideoSettings(engine="anime", preview=preview), Sound(None), None) for preview in (True, False)]
    assert [renderer.settings.most_further > 0 for renderer in renderers] == [False, True]


@pytest.mark.slow
def test_what_lies_beyond_the_key_poses_is_asked_for_whether_kept_or_not(sessions, tmp_path):
    portrait = drawn_portrait()
    kept, _ = keeping(portrait, tmp_path)
    near = film(kept, SURE)
    del sessions[:]
    far = film(kept, ASKING)
    assert sessions
    assert (far != near).any()
    assert (film(portrait, ASKING) == far).all()
    assert (film(kept, SURE) == near).all()


@pytest.mark.slow
def test_a_preparation_that_is_stopped_leaves_nothing(networks, tmp_path):
    kept, cache = keeping(drawn_portrait(), tmp_path)
    calls = []

    def stop(stage, done, total):
        calls.append(done)
        if len(calls) == 8:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        next(AnimeRenderer(SURE).frames(kept, film_motion(), stop))
    assert calls == [0] * 8
    left = [path.name for path in (cache.settings.folder / "portrait").rglob("*.npy")]
    assert sorted(left) == ["alpha.npy", "background.npy"]  # the figure, which was whole


def made_up_fields(count=5):
    rng = np.random.default_rng(3)
    fields = rng.normal(0.0, 4.0, (count, *SIZE)).astype(np.float32)
    fields[..., 2:] = rng.uniform(0.0, 1.0, fields[..., 2:].shape)
    fields[:, :4] = 0.0  # nothing moves there, and nothing is painted
    fields[:, :, :10, 2:] = FAINT / 2
    return fields


def test_fields_are_mixed_as_by_the_definition():
    fields = made_up_fields()
    weights = np.random.default_rng(4).normal(0.2, 0.4, len(fields)).astype(np.float32)
    held, out = packed(SIZE, fields), np.zeros(SIZE, np.float32)
    held.add_to(out, weights)
    truth = np.tensordot(weights, fields, axes=1)
    np.testing.assert_allclose(out[..., :2], truth[..., :2], atol=len(fields) / 512)
    np.testing.assert_allclose(out[..., 2:], truth[..., 2:], atol=2 * FAINT)
    assert len(held.warp_places) == 16 * 30
    assert len(held.paint_places) == 16 * 20
    before = out.copy()
    packed(SIZE, ()).add_to(out, np.zeros(0, np.float32))
    assert (out == before).all()


def test_fields_come_back_from_their_files(tmp_path):
    held = packed(SIZE, made_up_fields())
    held.save(tmp_path, "mouth")
    packed(SIZE, np.zeros((2, *SIZE), np.float32)).save(tmp_path, "eyes")
    back = Fields.load(tmp_path, "mouth")
    weights, outs = np.full(5, 0.2, np.float32), np.zeros((2, *SIZE), np.float32)
    held.add_to(outs[0], weights)
    back.add_to(outs[1], weights)
    assert (outs[0] == outs[1]).all()
    assert back.size == SIZE
    assert len(Fields.load(tmp_path, "eyes")) == 2
    assert Fields.load(tmp_path, "body") is None
