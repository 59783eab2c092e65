"""A driving film moves a portrait, from end to end on a processor, with small networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from animators.liveportrait.crops import eyes_open, lips_open, portrait_crop
from animators.liveportrait.options import EYES, POSE, LivePortraitOptions
from animators.liveportrait.reading import read_driver
from animators.liveportrait.runner import DrivenRenderer, wanted_openness
from animators.liveportrait.shape_fit import ShapeFit
from core.contracts import BLENDSHAPE_INDEX, HeadFilm, Motion
from core.driving import Strength
from core.errors import Cancelled, InputError
from filters.paste_back import PasteBack, PasteBackSettings, Placement

pytestmark = pytest.mark.slow
FREE = LivePortraitOptions(no_stitching=True)


def still_motion(frames, **shapes):
    blendshapes = np.zeros((frames, 52), np.float32)
    for name, value in shapes.items():
        blendshapes[:, BLENDSHAPE_INDEX[name]] = value
    nothing = np.zeros((frames, 3), np.float32)
    return Motion(25.0, blendshapes, nothing, nothing, nothing[:, :2], nothing[:, 0])


def film(renderer, portrait, driving, motion=None) -> tuple[HeadFilm, np.ndarray]:
    made = renderer.head_film(portrait, motion or still_motion(driving.film.count))
    return made, np.stack(list(made.frames))


def test_a_film_of_squares_that_goes_back_into_the_picture(liveportrait, portrait, nodding):
    told = []
    renderer = DrivenRenderer(liveportrait, nodding, FREE)
    made = renderer.head_film(portrait, still_motion(3), lambda *stage: told.append(stage))
    assert made.side_px == 512 and made.box == portrait_crop(portrait.face).box
    frames = list(made.frames)
    assert len(frames) == 3 and all(frame.shape == (512, 512, 3) and frame.dtype == np.uint8 for frame in frames)
    assert told[-1] == ("render", 3, 3) and ("render", 0, 3) in told
    assert np.abs(frames[0].astype(int) - frames[2]).mean() > 0.05, "the driver moves it"
    pasted = list(PasteBack(portrait, Placement.of_box(*made.box, 512), 25.0, PasteBackSettings("cpu")).apply(iter(frames[:2])))
    assert len(pasted) == 2 and pasted[0].shape == portrait.image.shape
    assert np.array_equal(pasted[0][:4], portrait.image[:4]) or made.box[1] < 4


def test_a_still_driver_leaves_the_portrait_as_the_networks_draw_it(liveportrait, portrait, nodding):
    still = replace(
        nodding, film=replace(nodding.film, count=2, frames=lambda: iter([portrait.image] * 2), face=lambda _: portrait.face)
    )
    still = replace(still, seen=np.ones(2, bool))
    _, frames = film(DrivenRenderer(liveportrait, still, FREE), portrait, still)
    picture = portrait_crop(portrait.face).cut(portrait.image, 256)
    own = liveportrait.reader.read(picture[None])
    drawer = liveportrait.drawer(picture, own.keypoints())
    itself = next(liveportrait.frames(drawer, own.keypoints()))
    assert max(np.abs(frame.astype(int) - itself).max() for frame in frames) <= 1
    assert np.ptp(itself) > 30


def test_no_strength_and_no_multiplier_hold_it_still(liveportrait, portrait, nodding):
    heads, seen = read_driver(nodding, liveportrait.reader, lambda: None)
    own = liveportrait.reader.read(portrait_crop(portrait.face).cut(portrait.image, 256)[None])
    calm = replace(nodding, strength=Strength(0, 0, 0, 0))
    for options, driving in ((FREE, calm), (LivePortraitOptions(driving_multiplier=0.0), nodding)):
        renderer = DrivenRenderer(liveportrait, driving, options)
        keypoints = renderer.keypoints(own, heads, seen, portrait.face, still_motion(3))
        assert np.allclose(keypoints, own.keypoints(), atol=1e-6)


def test_a_frame_in_which_nobody_is_seen_is_bridged(liveportrait, nodding):
    heads, seen = read_driver(nodding, liveportrait.reader, lambda: None)
    assert len(heads) == 3 and list(seen) == [True, False, True]
    plain = liveportrait.reader.read(np.zeros((1, 256, 256, 3), np.uint8))
    assert heads.canonical.shape == (3, 21, 3) and not np.allclose(heads.at(1).canonical, plain.canonical)
    lost = replace(nodding, seen=np.zeros(3, bool))
    with pytest.raises(InputError, match="Nobody's head can be followed"):
        read_driver(lost, liveportrait.reader, lambda: None)


def test_stitching_retargeting_and_shut_lips_change_what_they_should(liveportrait, portrait, nodding):
    heads, seen = read_driver(nodding, liveportrait.reader, lambda: None)
    own = liveportrait.reader.read(portrait_crop(portrait.face).cut(portrait.image, 256)[None])
    face, motion = portrait.face, still_motion(3)

    def keypoints(driving=nodding, **options):
        renderer = DrivenRenderer(liveportrait, driving, LivePortraitOptions(**options))
        return renderer.keypoints(own, heads, seen, face, motion)

    free = keypoints(no_stitching=True)
    assert np.allclose(keypoints(), liveportrait.corrections.stitched(own.keypoints(), free), atol=1e-6)
    assert not np.allclose(keypoints(), free)
    assert np.allclose(keypoints(no_stitching=True, driving_multiplier=0.5), (free + own.keypoints()) / 2, atol=1e-6)
    openness = wanted_openness(LivePortraitOptions(eye_retargeting=True), nodding, seen)
    assert openness.lips is None and openness.eyes == pytest.approx([np.mean(eyes_open(face))] * 3, rel=1e-4)
    with_eyes = keypoints(no_stitching=True, eye_retargeting=True)
    assert not np.allclose(with_eyes, free, atol=1e-3)
    outside = keypoints(no_stitching=True, eye_retargeting=True, animation_region=POSE)
    assert np.allclose(outside, keypoints(no_stitching=True, animation_region=POSE))
    assert wanted_openness(LivePortraitOptions(lip_retargeting=True, animation_region=EYES), nodding, seen).lips is None
    shut = keypoints(no_stitching=True, shut_lips_first=True) - free
    assert lips_open(face) < 0.03 and np.allclose(shut, 0), "a mouth that is shut stays as it is"
    absolute = replace(nodding, relative=False)
    assert not np.allclose(keypoints(absolute, no_stitching=True), free, atol=1e-3)


def test_an_open_mouth_is_shut_first(liveportrait, portrait, nodding):
    heads, seen = read_driver(nodding, liveportrait.reader, lambda: None)
    own = liveportrait.reader.read(portrait_crop(portrait.face).cut(portrait.image, 256)[None])
    points = portrait.face.landmarks.copy()
    points[14, 1] += 12
    face = replace(portrait.face, landmarks=points)
    renderers = [DrivenRenderer(liveportrait, nodding, replace(FREE, shut_lips_first=shut)) for shut in (False, True)]
    as_it_is, shut = (each.keypoints(own, heads, seen, face, still_motion(3)) for each in renderers)
    assert np.allclose((shut - as_it_is)[0], (shut - as_it_is)[2], atol=1e-6) and np.abs(shut - as_it_is).max() > 1e-3


def test_a_sound_moves_the_lips_and_the_driver_the_rest(liveportrait, portrait, nodding):
    heads, seen = read_driver(nodding, liveportrait.reader, lambda: None)
    own = liveportrait.reader.read(portrait_crop(portrait.face).cut(portrait.image, 256)[None])
    weights = np.zeros((52, 21, 3), np.float32)
    weights[BLENDSHAPE_INDEX["jawOpen"], 19, 1] = 0.1
    weights[BLENDSHAPE_INDEX["browInnerUp"]] = 0.1
    fit = ShapeFit(weights, np.eye(3, dtype=np.float32))
    sounding = replace(nodding, sounding_lips=True)
    renderer = DrivenRenderer(liveportrait, sounding, FREE, fit)
    jaw = portrait.face.blendshapes[BLENDSHAPE_INDEX["jawOpen"]]
    silent, loud = (
        renderer.keypoints(own, heads, seen, portrait.face, still_motion(3, jawOpen=jaw + opened, browInnerUp=opened))
        for opened in (0.0, 0.5)
    )
    changed = np.abs(loud - silent).max(axis=(0, 2)) > 1e-6
    assert list(np.flatnonzero(changed)) == [19]
    scale = own.scale[0] * heads.scale / heads.scale[0]
    assert np.allclose((loud - silent)[:, 19, 1], 0.05 * scale, atol=1e-5)


def test_work_ends_when_it_is_cancelled(liveportrait, portrait, nodding):
    def cancelled(stage, done, total):
        raise Cancelled("core.cancelled")

    with pytest.raises(Cancelled):
        DrivenRenderer(liveportrait, nodding, FREE).head_film(portrait, still_motion(3), cancelled)
