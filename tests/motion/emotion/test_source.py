"""A trained network as the source of a film's motion: the real singing performer below it, a real song above."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.contracts import BLENDSHAPE_INDEX, DrivingSound, StyledSection
from core.errors import InputError, MissingError
from media.sound_excerpt import write_excerpt
from motion.emotion.networks.shape import Switches
from motion.emotion.settings import known_model
from motion.emotion.source import DeitalkMotion
from motion.singing.settings import SingingSettings
from motion.singing.source import SungMotion
from tests.motion.emotion.models import chance_model, written

SINGING = SingingSettings(lips="features", style="sad")
FRAMES, FPS = 75, 25.0
MOUTH = [index for name, index in BLENDSHAPE_INDEX.items() if name.startswith("jaw") or name.startswith("mouthFunnel")]


@pytest.fixture(scope="module")
def sound(root_dir, tmp_path_factory):
    """Three seconds of singing."""
    path = tmp_path_factory.mktemp("song") / "part.wav"
    write_excerpt(root_dir / "demo" / "song.mp3", path, 8.0, 3.0, lambda *_: None)
    return DrivingSound(path, path, FPS, FRAMES)


@pytest.fixture(scope="module")
def keep(tmp_path_factory):
    """A cache that tells what was made."""
    kept = {}

    def keep(choices, make):
        key = repr(sorted(choices.items()))
        if key not in kept:
            kept[key] = tmp_path_factory.mktemp("kept")
            make(kept[key])
        return kept[key]

    keep.kept = kept
    return keep


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return written(tmp_path_factory.mktemp("model") / "chance.safetensors", chance_model())


def performed(sound, keep, model, **changes):
    try:
        return DeitalkMotion(replace(SINGING, **changes), model).perform(sound, keep)
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")


def test_the_networks_face_over_the_songs_plan(sound, keep, model):
    planned = SungMotion(SINGING).perform(sound, keep)
    made = performed(sound, keep, model, lips="features")
    plan, motion = planned.motion, made.motion
    assert len(motion) == FRAMES and motion.fps == FPS
    np.testing.assert_array_equal(motion.rotation_deg, plan.rotation_deg)
    np.testing.assert_array_equal(motion.shape("eyeBlinkLeft"), plan.shape("eyeBlinkLeft"))
    np.testing.assert_array_equal(motion.gaze_deg, plan.gaze_deg)
    np.testing.assert_array_equal(motion.blendshapes[:, MOUTH], plan.blendshapes[:, MOUTH])
    assert np.abs(motion.shape("browDownLeft") - plan.shape("browDownLeft")).max() > 0.05
    emotion = made.emotion
    assert emotion.automatic == planned.emotion.automatic and emotion.sections == planned.emotion.sections
    assert len(emotion.learned) == len(emotion.automatic) == 7 and emotion.intensity == emotion.learned
    assert emotion.learned_points[0] == (0.0, round(emotion.learned[0], 2)) and not planned.emotion.learned
    assert DeitalkMotion(SINGING, model).emotion(sound, keep) == emotion
    # the song was heard once for both, and the voice once for the network
    assert len(keep.kept) == 2


def test_its_own_lips_sing(sound, keep, model, monkeypatch):
    monkeypatch.setattr(SungMotion, "perform", as_features(SungMotion.perform))
    made = performed(sound, keep, model, lips="learned").motion
    other = performed(sound, keep, model, lips="features").motion
    assert np.abs(made.blendshapes[:, MOUTH] - other.blendshapes[:, MOUTH]).max() > 0.05
    np.testing.assert_array_equal(made.shape("browDownLeft"), other.shape("browDownLeft"))


def as_features(perform):
    """The plan without learned lips, which would be listened for."""

    def performed(self, *given):
        self.settings = replace(self.settings, lips="features")
        return perform(self, *given)

    return performed


def test_key_points_take_the_place_of_its_intensity(sound, keep, model):
    calm, strong = (performed(sound, keep, model, intensity_points=((0.0, value),)) for value in (0.0, 1.0))
    own = performed(sound, keep, model)
    assert calm.emotion.intensity == (0.0,) * 7 and calm.emotion.learned == own.emotion.learned
    assert np.all(strong.motion.intensity == 1.0) and 0.0 <= own.motion.intensity.min() <= own.motion.intensity.max() <= 1.0
    differences = [np.abs(each.motion.shape("browInnerUp") - own.motion.shape("browInnerUp")).max() for each in (calm, strong)]
    assert min(differences) > 0.005
    edited = performed(sound, keep, model, intensity_points=((0.0, 0.0), (2.0, 1.0)))
    assert edited.emotion.intensity == pytest.approx((0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0), abs=0.02)


def test_styles_that_come_with_the_sound(sound, keep, model):
    told = replace(sound, feelings=(StyledSection(1.5, 3.0, "angry"),))
    changed, plain = performed(told, keep, model, style="happy"), performed(sound, keep, model, style="happy")
    assert [part.style for part in changed.emotion.sections] == ["happy", "angry"]
    brows = [each.motion.shape("browDownLeft") for each in (changed, plain)]
    np.testing.assert_allclose(brows[0][:20], brows[1][:20], atol=0.02)
    assert np.abs(brows[0][50:] - brows[1][50:]).max() > 0.03


@pytest.mark.parametrize("rig", ["arkit", "metahuman"])
def test_rigs_and_networks_without_intensity(tmp_path, sound, keep, rig):
    path = written(tmp_path / "m.safetensors", chance_model(rig=rig, switches=Switches(intensity=False), head=0.3))
    made = performed(sound, keep, path)
    assert made.emotion.learned == () and made.emotion.intensity == made.emotion.automatic
    assert made.motion.blendshapes.max() <= 1.0 and made.motion.blendshapes.min() >= 0.0
    planned = SungMotion(SINGING).perform(sound, keep).motion
    moved = np.abs(made.motion.rotation_deg - planned.rotation_deg).max() > 1.0
    assert moved == (rig == "arkit"), "a rig without a head leaves it to the plan"


def test_networks_that_are_not_there(tmp_path, monkeypatch, model):
    monkeypatch.setattr("motion.emotion.settings.SHIPPED", tmp_path / "none.safetensors")
    monkeypatch.delenv("BELCANTO_EMOTION_MODEL", raising=False)
    assert known_model() is None
    with pytest.raises(MissingError, match="--performance-model or BELCANTO_EMOTION_MODEL"):
        DeitalkMotion(SINGING)
    (tmp_path / "bad.safetensors").write_bytes(b"no network")
    with pytest.raises(InputError, match="not a file of a trained emotion network"):
        DeitalkMotion(SINGING, tmp_path / "bad.safetensors")
    monkeypatch.setenv("BELCANTO_EMOTION_MODEL", str(model))
    assert known_model() == model and DeitalkMotion(SINGING).model.facts.encoder == "whisper"
