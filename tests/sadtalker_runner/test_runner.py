"""The engine's door: from a real portrait and a real voice to squares, with made-up weights of the published layout.

What is drawn with such weights is no face.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.contracts import BLENDSHAPE_INDEX, Motion, Portrait  # noqa: E402
from core.driving import Driving  # noqa: E402
from core.errors import Cancelled, InputError  # noqa: E402
from faces.faces import FaceFinder  # noqa: E402
from faces.head_crop import head_crop  # noqa: E402
from media.pictures import load_picture  # noqa: E402
from sadtalker_runner.face_renderer import FaceRenderer  # noqa: E402
from sadtalker_runner.performance import HeadFilmMaker  # noqa: E402
from sadtalker_runner.runner import RenderSettings, SadTalkerRenderer, SadTalkerSettings, crop_box  # noqa: E402
from tests.driving_films import moved_film  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.long]
SUNG_S = 4.0
CHECKPOINTS = ("SadTalker_V0.0.2_256.safetensors", "mapping_00229-model.pth.tar")


@pytest.fixture(scope="module")
def portrait(shared_dir):
    """A real face, off the picture's middle, so that the head's square lies partly outside."""
    picture = load_picture(shared_dir / "portraits" / "woman_photo.jpg").image
    with FaceFinder() as finder:
        face = finder.find(picture)[0]
        left, top = int(face.box[0]) & ~1, int(face.box[1]) & ~1
        picture = np.ascontiguousarray(picture[top:, left:])
        return Portrait(picture, finder.find(picture)[0])


@pytest.fixture(scope="module")
def voice(shared_dir):
    return shared_dir / "songs" / "song_10_voice.flac"


def motion_of(frames, fps=25.0, jaw_open=0.3):
    shapes = np.zeros((frames, 52), np.float32)
    shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = jaw_open
    shapes[::2, BLENDSHAPE_INDEX["eyeBlinkLeft"]] = 1
    turn = np.linspace(0, 6, frames, dtype=np.float32)[:, None] * np.ones((1, 3), np.float32)
    zeros = np.zeros((frames, 3), np.float32)
    return Motion(fps, shapes, turn, zeros, zeros[:, :2], zeros[:, 0])


def test_two_frames_of_a_real_portrait(portrait, voice, sadtalker_drawing):
    renderer = SadTalkerRenderer(SadTalkerSettings(), voice)
    heard = []
    film = renderer.head_film(portrait, motion_of(2), lambda *told: heard.append(told))
    assert heard and {done for _, done, _ in heard} == {0}, "nothing is drawn before it is asked for"
    frames = list(film.frames)
    assert len(frames) == 2 and all(frame.shape == (256, 256, 3) and frame.dtype == np.uint8 for frame in frames)
    assert (frames[0] != frames[1]).any()
    assert heard[-2:] == [("render", 1, 2), ("render", 2, 2)]
    left, top, right, bottom = film.box
    assert (left < 0 or top < 0) and film.side_px == 256 and right - left == pytest.approx(bottom - top)
    assert film.box == crop_box(portrait, renderer.settings) == head_crop(portrait.face).box


def test_a_driving_film_moves_face_and_head(portrait, voice, draws_quickly):
    """Read by a network of the published layout; against another frame it is followed otherwise; a voice may move the lips."""
    film = moved_film(portrait, [0, 0, 40], gains=[1.0, 1.0, 0.5])
    driving = Driving(film, 0, np.ones(3, bool))
    told = SadTalkerSettings(preprocess="crop")
    frames = list(SadTalkerRenderer(told, None, driving).head_film(portrait, motion_of(3)).frames)
    last = dataclasses.replace(driving, neutral=2)  # the same film, compared with its last frame
    still = list(SadTalkerRenderer(told, None, last).head_film(portrait, motion_of(3)).frames)
    assert len(frames) == 3 and (frames[0] != frames[2]).any() and (frames[0] != still[0]).any()
    spoken = list(SadTalkerRenderer(told, voice, driving).head_film(portrait, motion_of(3)).frames)
    assert len(spoken) == 3 and (spoken[0] != frames[0]).any(), "expression by the voice"


@pytest.fixture
def draws_quickly(sadtalker_weights, small_networks, monkeypatch):
    """All of the engine is as it is but for the networks that draw, which are small ones."""
    drawing = FaceRenderer(*small_networks, RenderSettings(device="cpu"))
    monkeypatch.setattr("sadtalker_runner.performance.FaceRenderer", lambda *parts: drawing)


@pytest.fixture
def quick_renderer(voice, draws_quickly):
    return SadTalkerRenderer(SadTalkerSettings(preprocess="crop"), voice)


def test_the_larger_size_and_the_whole_picture(portrait, voice, draws_quickly):
    """By its own checkpoint; the full networks would take half a minute for such a frame on a CPU."""
    settings = SadTalkerSettings(size=512, preprocess="resize", head="voice", pose_style=5, blinks="chance")
    film = SadTalkerRenderer(settings, voice).head_film(portrait, motion_of(1))
    height, width = portrait.image.shape[:2]
    assert film.box == (0, 0, width, height)
    assert [frame.shape for frame in film.frames] == [(512, 512, 3)]


def test_several_films_in_turn_by_one_renderer(portrait, quick_renderer):
    """Two films whose frames are taken in turn are those that each of them is alone; and one frame is a film."""
    other = dataclasses.replace(portrait, image=255 - portrait.image)
    films = [quick_renderer.head_film(each, motion_of(1)).frames for each in (portrait, other)]
    both = [next(film) for film in films]
    alone = list(quick_renderer.head_film(portrait, motion_of(1)).frames)
    assert len(alone) == 1 and (alone[0] == both[0]).all()
    assert (both[0] != both[1]).any() and next(films[0], None) is None


def test_a_film_can_be_stopped_and_closed(portrait, quick_renderer):
    def stop_after_one(stage, done, total):
        if done == 1:
            raise Cancelled("Stopped.")

    frames = quick_renderer.head_film(portrait, motion_of(3), stop_after_one).frames
    next(frames)
    with pytest.raises(Cancelled):
        next(frames)
    assert next(frames, None) is None
    frames = quick_renderer.head_film(portrait, motion_of(3)).frames
    next(frames)
    frames.close()
    assert not torch.is_inference_mode_enabled()

    def stop(stage, done, total):
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        quick_renderer.head_film(portrait, motion_of(3), stop)


class Listener(HeadFilmMaker):
    """All of the way to the film's coefficients; nothing is drawn, so the renderer is not made."""

    def __init__(self, settings, folder, monkeypatch):
        monkeypatch.setattr("sadtalker_runner.performance.FaceRenderer", lambda *parts: None)
        super().__init__(settings, *(folder / name for name in CHECKPOINTS))


@pytest.fixture
def listener(sadtalker_weights, monkeypatch):
    return Listener(SadTalkerSettings(preprocess="crop"), sadtalker_weights, monkeypatch)


@pytest.fixture(scope="module")
def own():
    return np.random.default_rng(0).standard_normal(70).astype(np.float32) * 0.1


def coefficients_of(maker, own, motion, voice, **settings):
    maker.settings = dataclasses.replace(maker.settings, **settings)
    return maker.film_coefficients(own, motion, voice, lambda: None)


def test_what_the_settings_do(listener, own, voice):
    motion = motion_of(30)
    plain = coefficients_of(listener, own, motion, voice)
    assert plain.shape == (30, 70)
    strong = coefficients_of(listener, own, motion, voice, expression_scale=2.0)
    assert np.allclose(strong[:, :64], plain[:, :64] * 2, atol=1e-5) and (strong[:, 64:] == plain[:, 64:]).all()
    still = coefficients_of(listener, own, motion, voice, expression_scale=1.0, still=True)
    assert (still[:, 64:] == own[64:]).all() and (still[:, :64] == plain[:, :64]).all()
    open_eyes = coefficients_of(listener, own, motion, voice, still=False, blinks="none")
    changed = np.abs(open_eyes - plain)[:, :64].max(axis=1) > 1e-6
    assert (changed == (np.arange(30) % 2 == 0)).all(), "the eyes shut when the motion's do"
    poses = [
        coefficients_of(listener, own, motion, voice, head="voice", pose_style=style, seed=seed)[:, 64:]
        for style, seed in ((0, 0), (0, 0), (7, 0), (0, 1))
    ]
    assert (poses[0] == poses[1]).all() and all((poses[0] != other).any() for other in poses[2:])
    half = coefficients_of(listener, own, motion, voice, head="voice", pose_style=0, seed=0, head_scale=0.5)[:, 64:]
    assert np.allclose(half - own[64:], (poses[0] - own[64:]) / 2, atol=1e-5) and np.ptp(half) > 0


def test_at_every_rate_the_same_moments(listener, own, voice):
    """100 frames at 50 a second are as long as 50 at 25, and so are their coefficients."""
    slow, fast = (coefficients_of(listener, own, motion_of(*rate), voice, blinks="none") for rate in ((50, 25.0), (100, 50.0)))
    assert slow.shape == fast.shape
    assert (slow[:, :64] == fast[:, :64]).all()


def test_the_lips_rest_where_nobody_sings(listener, own, voice, shared_dir):
    """In the music before the voice, the mouth of the mix's stem stands still; of the same sound with an open jaw, it sings."""
    frames = round(SUNG_S * 25)
    jaw = np.where(np.arange(frames) < 75, 0.0, 0.4)
    quiet = coefficients_of(listener, own, motion_of(frames, jaw_open=jaw), voice, blinks="none")[:, :64]
    speed = np.abs(np.diff(quiet, axis=0)).max(axis=1)
    assert (speed[:65] < 1e-5).all() and speed[85:].max() > 1e-3
    mix = shared_dir / "songs" / "song_10_accompaniment.flac"
    resting = coefficients_of(listener, own, motion_of(50, jaw_open=0.0), mix, blinks="none")[:, :64]
    heard = coefficients_of(listener, own, motion_of(50, jaw_open=0.4), mix, blinks="none")[:, :64]
    assert np.abs(np.diff(resting, axis=0)).max() < 1e-5 < 1e-3 < np.abs(np.diff(heard, axis=0)).max()


def test_free_angles_take_the_place_of_those_named(listener, own):
    """Turning points are passed from the first frame to the last; the other angles stay as the coefficients say."""
    listener.settings = dataclasses.replace(listener.settings, pitch_deg=(0.0, 30.0))
    film = np.zeros((100, 70), np.float32)
    stretches = list(listener.stretches(film, motion_of(100)))
    angles = np.concatenate([stretch.rotation_deg for stretch in stretches])
    assert np.isnan(angles[:, [0, 2]]).all() and angles[0, 1] == 0 and angles[-1, 1] == 30
    assert {len(stretch.semantics) for stretch in stretches} <= {8, 4}, "in batches, so that memory does not grow"


def test_a_file_of_another_kind_ends_in_a_sentence(sadtalker_weights):
    """The files' names are changed for one another."""
    checkpoint, mapping = (sadtalker_weights / name for name in CHECKPOINTS)
    with pytest.raises(InputError, match="not a whole safetensors file"):
        HeadFilmMaker(SadTalkerSettings(preprocess="crop"), mapping, mapping)
    with pytest.raises(InputError, match="python -m weights fetch sadtalker_mapping_crop"):
        HeadFilmMaker(SadTalkerSettings(preprocess="crop"), checkpoint, checkpoint)
