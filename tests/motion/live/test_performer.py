"""The live performer: the same in blocks of any length, never still and never sudden, and it does what it is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import Motion
from core.errors import InputError
from motion.live.performer import LivePerformer
from motion.singing.performance.emotions_faces import STYLES
from tests.animators.anime.drawing import joined

FPS = 25.0
LIDS = [index for name, index in BLENDSHAPE_INDEX.items() if name.startswith("eye") and "Squint" not in name]
MOUTH = [index for name, index in BLENDSHAPE_INDEX.items() if name.startswith(("mouth", "jaw", "cheekPuff"))]
FACE = [index for index in range(len(BLENDSHAPE_NAMES)) if index not in (*LIDS, *MOUTH)]


def conversation(said, frames: int, seed: int = 3) -> Motion:
    """Twelve seconds: idle, listening to somebody, thinking, speaking with two feelings, cut short."""
    performer, parts = LivePerformer(FPS, seed), []

    def go(seconds: float) -> None:
        count = round(seconds * FPS)
        parts.extend(performer.block(min(frames, count - done)) for done in range(0, count, frames))

    go(1)
    performer.attend("listening")
    for loudness in (0.6, 0.7, 0.0, 0.0):
        performer.notice(loudness, 0.5)
        go(0.5)
    performer.attend("thinking")
    go(2)
    performer.attend("speaking")
    performer.feel("happy", 0.9)
    performer.say(performer.now_s + 0.2, said[0])
    go(3)
    performer.feel("sad", 0.9)
    performer.say(performer.now_s + 0.3, said[1])
    go(1.2)
    performer.hush()
    go(0.8)
    performer.attend("idle")
    go(2)
    return joined(*parts)


@pytest.fixture(scope="module")
def talk(said):
    return conversation(said, 1)


def opening(motion: Motion) -> np.ndarray:
    return np.maximum(motion.shape("jawOpen") - motion.shape("mouthClose"), 0.0)


def test_blocks_of_any_length_give_the_same_curves(said, talk):
    other = conversation(said, 25)
    assert len(other) == len(talk) > 290
    for name in ("blendshapes", "rotation_deg", "translation", "gaze_deg", "intensity"):
        np.testing.assert_allclose(getattr(other, name), getattr(talk, name), atol=1e-5)
    assert np.abs(conversation(said, 25, seed=4).rotation_deg - talk.rotation_deg).max() > 1.0


def test_nothing_jumps(talk):
    assert np.abs(np.diff(talk.rotation_deg, axis=0)).max() < 1.6
    assert np.abs(np.diff(talk.translation, axis=0)).max() < 0.006
    assert np.abs(np.diff(talk.gaze_deg, axis=0)).max() < 9.0, "more than a turn of the eyes"
    assert np.abs(np.diff(talk.blendshapes[:, FACE], axis=0)).max() < 0.3
    assert np.abs(np.diff(talk.blendshapes[:, MOUTH], axis=0)).max() < 0.6
    assert np.abs(np.diff(talk.intensity)).max() < 0.15
    assert (talk.blendshapes >= 0).all() and (talk.blendshapes <= 1).all()
    assert (talk.shape("mouthClose") <= talk.shape("jawOpen") + 1e-6).all()


def test_at_rest_it_is_never_still_and_never_repeats():
    motion = LivePerformer(FPS).block(1500)
    moved = np.abs(np.diff(motion.rotation_deg, axis=0)).reshape(-1, 1)
    assert all(motion.rotation_deg[first : first + 25].std(axis=0).max() > 0.02 for first in range(0, 1500, 25)), moved.mean()
    head = motion.rotation_deg[:, 0] - motion.rotation_deg[:, 0].mean()
    alike = [abs(np.corrcoef(head[:750], head[lag : lag + 750])[0, 1]) for lag in range(125, 750, 5)]
    assert max(alike) < 0.9
    shut = motion.shape("eyeBlinkLeft") > 0.5
    begins = np.flatnonzero(np.diff(shut.astype(int)) == 1) / FPS
    assert 8 <= len(begins) <= 40
    rests = np.diff(begins)
    assert rests.std() > 0.3 and rests.max() < 9.0
    assert opening(motion).max() == 0.0
    assert len(np.unique(np.round(motion.gaze_deg[::25, 0]))) > 2


def test_listening_leans_in_and_thinking_looks_aside_and_up():
    def means(what):
        performers = [LivePerformer(FPS, seed) for seed in range(6)]
        for performer in performers:
            performer.attend(what)
            performer.block(50)
        motions = [performer.block(150) for performer in performers]
        gaze = np.median([np.hypot(*motion.gaze_deg.T).mean() for motion in motions])
        up = np.median([motion.gaze_deg[:, 1].mean() for motion in motions])
        brows = np.median([motion.shape("browInnerUp").mean() for motion in motions])
        nearer = -np.median([motion.translation[:, 2].mean() for motion in motions])
        turned = np.median([np.abs(motion.rotation_deg[:, 0]).mean() for motion in motions])
        return gaze, up, brows, nearer, turned

    idle, listening, thinking = means("idle"), means("listening"), means("thinking")
    assert listening[2] > idle[2] + 0.08 and listening[3] > idle[3] + 0.01
    assert listening[0] < 3.0 < thinking[0] and thinking[1] > listening[1] + 1.5 and thinking[4] > listening[4] + 1.0


def test_it_nods_in_the_pauses_of_who_speaks_and_to_nobody_else():
    def lowest(spoken):
        lows = []
        for seed in range(5):
            performer = LivePerformer(FPS, seed)
            performer.attend("listening")
            performer.block(25)
            for _ in range(10):
                performer.notice(0.7 if spoken else 0.0, 0.4)
                performer.block(5)
            pitch = performer.block(1).rotation_deg[0, 1]
            quiet = []
            for _ in range(5):
                performer.notice(0.0, 0.2)
                quiet.append(performer.block(5).rotation_deg[:, 1])
            lows.append(np.concatenate(quiet).min() - pitch)
        return np.mean(lows)

    assert lowest(True) < -2.0 < lowest(False) + 0.7


def test_lips_follow_the_phonemes(said):
    performer = LivePerformer(FPS)
    performer.attend("speaking")
    performer.say(0.5, said[0])
    motion = performer.block(round((0.5 + len(said[0].sound) / said[0].rate_hz + 1.0) * FPS))
    apart, times_s = opening(motion), (np.arange(len(motion)) + 0.5) / FPS
    wide = np.percentile(apart, 95)

    def near(symbols):
        for each in said[0].phonemes:
            if each.symbol in symbols:
                yield (times_s > 0.5 + each.start_s - 0.06) & (times_s < 0.5 + each.end_s + 0.06)

    closures = [apart[frames].min() / wide for frames in near("mbp")]
    assert len(closures) >= 5 and max(closures) < 0.15
    assert np.mean([apart[frames].min() / wide for frames in near("ksz")]) > 0.3
    teeth = motion.shape("mouthRollLower")
    assert all(teeth[frames].max() > 0.35 for frames in near("fv"))
    assert all((motion.shape("mouthPucker") + motion.shape("mouthFunnel"))[frames].max() > 0.25 for frames in near("uw"))
    assert wide > 0.15
    assert apart[:3].max() == 0.0 == apart[-8:].max(), "shut before and after"
    assert 0.01 < apart[:9].max() < 0.06, "breath is taken"


def test_it_stops_at_once_when_it_is_hushed(said):
    performer = LivePerformer(FPS)
    performer.attend("speaking")
    performer.say(0.2, said[0])
    performer.say(0.2 + len(said[0].sound) / said[0].rate_hz, said[1])
    loud = performer.block(40)
    performer.hush()
    after = opening(performer.block(150))
    assert opening(loud)[-20:].max() > 0.1
    assert after[round(0.15 * FPS) :].max() < 0.01
    assert np.abs(np.diff(np.concatenate([opening(loud)[-1:], after]))).max() < 0.3
    performer.say(performer.now_s + 0.2, said[1])
    assert opening(performer.block(60)).max() > 0.1, "and speaks again"


def test_feelings_come_within_half_a_second_and_change_inside_a_reply():
    performer = LivePerformer(FPS)
    performer.attend("speaking")
    performer.block(25)
    performer.feel("happy", 1.0)
    glad = performer.block(60).shape("mouthSmileLeft")
    assert glad[0] < 0.25 and glad[12] > 0.75 * glad[30:].mean() and glad[30:].mean() > 0.4
    performer.feel("angry", 1.0)
    cross = performer.block(60)
    assert cross.shape("browDownLeft")[20:].min() > 0.4 and cross.shape("mouthSmileLeft")[30:].max() < 0.2
    performer.feel("happy", 0.2)
    assert performer.block(60).shape("mouthSmileLeft")[30:].max() < 0.35 < STYLES["happy"].face["mouthSmile"]
    with pytest.raises(InputError):
        performer.feel("auto", 1.0)


def test_a_voice_that_does_not_tell_its_phonemes_moves_the_lips_by_its_sound(said):
    bare = replace(said[0], phonemes=(), words=())
    frames = round((len(bare.sound) / bare.rate_hz + 1.0) * FPS)
    told, heard = LivePerformer(FPS), LivePerformer(FPS)
    told.say(0.4, said[0])
    heard.say(0.4, bare)
    by_phonemes, by_ear = opening(told.block(frames)), opening(heard.block(frames))
    assert np.corrcoef(by_phonemes, by_ear)[0, 1] > 0.6
    assert by_ear[-5:].max() == 0.0


def test_what_is_told_late_begins_softly(said):
    performer = LivePerformer(FPS)
    performer.block(50)
    performer.say(1.2, said[0])
    late = performer.block(60)
    assert opening(late)[0] < 0.1 and opening(late).max() > 0.1
    assert np.abs(np.diff(opening(late))).max() < 0.3
