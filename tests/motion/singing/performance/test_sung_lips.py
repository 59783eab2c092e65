"""Learned lips carried over to singing: constructed curves of known truth, and real songs whose words are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import MissingError
from motion.singing.lips.lip_curves import CURVE_NAMES, LIP_RATE_HZ, LipCurves
from motion.singing.performance.articulation_parts import sung_curve
from motion.singing.runner import SingingMotion, SingingSettings, analyse, perform
from tests.motion.singing.lips.test_lips import AH, FPS, at, envelope
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, aperture, faded, silence, vowel, write


def sung(tmp_path, sound, **curves):
    """Motion of a voice whose learned curves are given as functions of the time; those that are not are 0."""
    path = write(tmp_path / "voice.wav", sound)
    duration_s = len(sound) / SAMPLE_RATE_HZ
    time_s = np.arange(round(duration_s * LIP_RATE_HZ) + 1) / LIP_RATE_HZ
    values = np.zeros((len(time_s), len(CURVE_NAMES)), np.float32)
    for name, curve in curves.items():
        values[:, CURVE_NAMES.index(name)] = curve(time_s)
    song = replace(analyse(path, path, FPS, round(duration_s * FPS)), lips=LipCurves(values))
    motion = perform(song, SingingSettings())
    assert (motion.shape("mouthClose") <= motion.shape("jawOpen") + 1e-5).all()
    return motion


def constant(value):
    return lambda time_s: np.full(len(time_s), value)


def test_a_held_vowel_stays_open_and_does_not_chatter(tmp_path):
    """The network tires of a long note, for speech has none, and trembles with the melisma; the singer does neither."""
    pitch_hz = 220.0 * 2.0 ** (2.0 * np.sin(2 * np.pi * 0.7 * np.arange(4 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ) / 12.0)
    sound = np.concatenate([silence(0.5), faded(0.3 * vowel(AH, pitch_hz, 4.0)), silence(0.5)])
    tired = lambda time_s: 10.0 * np.exp(-np.maximum(time_s - 1.5, 0.0)) + 2.0 * np.sin(2 * np.pi * 7.0 * time_s)  # noqa: E731
    opening = aperture(sung(tmp_path, sound, aperture_mm=tired))[round(1.0 * FPS) : round(4.2 * FPS)]
    assert opening.min() > 0.55 * opening.max()
    assert np.abs(np.diff(opening)).max() < 0.12 * opening.max()
    assert opening.std() > 0.0


@pytest.mark.parametrize(("told", "left_mm"), [(1.0, 0.0), (0.45, 6.5)], ids=["surely told", "of a stranger"])
def test_closures_close_at_speed(tmp_path, told, left_mm):
    """Eight syllables in a second and a half, lips shut for 60 ms before each: every one is seen at 25 frames a second.

    Of a stranger's lips the network is less sure, and sees them narrow at most.
    """
    syllable = np.concatenate([faded(0.3 * vowel(AH, 160.0, 0.13), 0.01), silence(0.06)])
    sound = np.concatenate([silence(0.6), *[syllable] * 8, silence(0.6)])
    shut_s = 0.6 + 0.19 * np.arange(1, 8) - 0.03

    def near(time_s):
        return (np.abs(time_s[:, None] - shut_s).min(axis=1) < 0.031).astype(float)

    curves = {
        "aperture_mm": lambda time_s: 10.0 - (10.0 - left_mm) * near(time_s),
        "closure": lambda time_s: told * near(time_s),
    }
    opening = aperture(sung(tmp_path, sound, **curves))
    for moment_s in shut_s:
        around = opening[int((moment_s - 0.04) * FPS) : int((moment_s + 0.04) * FPS) + 1]
        assert around.min() < 0.25 * opening.max()
        assert opening[int(moment_s * FPS) : int((moment_s + 0.15) * FPS) + 1].max() > 0.4 * opening.max()


def test_whisper_and_shout_differ_and_rests_are_shut(tmp_path):
    loud, soft = faded(0.5 * vowel(AH, 200.0, 1.2)), faded(0.07 * vowel(AH, 200.0, 1.2))
    sound = np.concatenate([silence(1.5), loud, silence(1.5), soft, silence(1.5)])
    opening = aperture(sung(tmp_path, sound, aperture_mm=constant(9.0)))
    motion = slice(round(1.8 * FPS), round(2.4 * FPS)), slice(round(4.5 * FPS), round(5.1 * FPS))
    assert opening[motion[0]].mean() > 1.4 * opening[motion[1]].mean() > 0.1
    for start_s, stop_s in ((0.0, 1.0), (3.1, 3.6), (5.8, 6.8)):
        assert opening[round(start_s * FPS) : round(stop_s * FPS)].max() < 0.02


def test_a_sounding_vowel_is_never_shut_and_rounded_lips_keep_their_jaw(tmp_path):
    sound = np.concatenate([silence(0.5), faded(0.3 * vowel(AH, 150.0, 1.5)), silence(0.5)])
    motion = sung(tmp_path, sound, aperture_mm=constant(0.0))
    middle = at(motion, 0.8, 1.6)
    assert aperture(motion)[middle].min() > 0.03
    rounded = {"aperture_mm": constant(2.0), "jaw_mm": constant(9.0), "width_mm": constant(-5.0), "mouthPucker": constant(0.5)}
    motion = sung(tmp_path, sound, **rounded)
    assert (motion.shape("jawOpen") - motion.shape("mouthClose"))[middle].min() > 0.03
    assert motion.shape("mouthClose")[middle].mean() > 0.02
    assert motion.shape("mouthPucker")[middle].mean() > 0.2 > 0.01 > motion.shape("mouthStretchLeft")[middle].mean()


def spoken(loudness, syllables=10):
    """Syllables of 0.22 s whose pitch falls as in speech."""
    pitch_hz = 190.0 * 2.0 ** (-4.0 * np.arange(round(0.22 * SAMPLE_RATE_HZ)) / (0.22 * SAMPLE_RATE_HZ) / 12.0)
    syllable = np.concatenate([faded(loudness * vowel(AH, pitch_hz, 0.22), 0.02), silence(0.04)])
    return np.concatenate([silence(0.5), *[syllable] * syllables, silence(0.5)])


def test_speech_keeps_the_size_and_the_timing_that_the_network_gives_it(tmp_path):
    """Lips that part by 9 mm on every syllable are drawn so, loud or soft; in singing a loud note opens them further."""
    syllables = lambda time_s: np.where(np.abs((time_s - 0.5) % 0.26 - 0.11) < 0.09, 9.0, 5.0)  # noqa: E731
    natural = 0.78 * 9.0 / 28.5
    widest = []
    for loudness in (0.5, 0.15):
        motion = sung(tmp_path, spoken(loudness), aperture_mm=syllables)
        opening = np.maximum(motion.shape("jawOpen") - motion.shape("mouthClose"), 0.0)[at(motion, 0.7, 2.8)]
        widest.append(np.percentile(opening, 90))
        assert opening.min() < 0.8 * widest[-1]
    assert widest == pytest.approx([natural, natural], rel=0.15)
    note = np.concatenate([silence(0.5), *[faded(0.5 * vowel(AH, 190.0, 1.2)), silence(0.1)] * 2, silence(0.5)])
    motion = sung(tmp_path, note, aperture_mm=constant(9.0))
    assert np.percentile(motion.shape("jawOpen") - motion.shape("mouthClose"), 90) > 1.4 * natural


def test_who_holds_notes_sings_and_who_glides_speaks(tmp_path):
    """Between the notes of a melody with short syllables it is still sung: what is around tells."""
    short = [np.concatenate([faded(0.3 * vowel(AH, hz, 0.18), 0.02), silence(0.04)]) for hz in (200.0, 225.0, 250.0)]
    melody = np.concatenate(
        [silence(0.3), faded(0.3 * vowel(AH, 200.0, 0.8)), *short, faded(0.3 * vowel(AH, 225.0, 0.8)), silence(0.3)]
    )
    told = []
    for name, sound in (("song", melody), ("speech", spoken(0.3))):
        path = write(tmp_path / f"{name}.wav", sound)
        song = analyse(path, path, FPS, round(len(sound) / SAMPLE_RATE_HZ * FPS))
        told.append(sung_curve(song)[song.activity.active].mean())
    assert told[0] > 0.9 and told[1] < 0.1


#: When the lips of song_10's singer part for the b of "bog", estimated from the rises of its loudness and a transcript.
RELEASES_S = (3.95, 5.0, 5.5, 8.3, 9.32, 9.87)


@pytest.mark.slow
def test_real_words(shared_dir):
    """The b's of a song whose words are known close the lips, the song moves them, and where only music plays they rest."""
    voice, mix = (shared_dir / "songs" / f"song_10_{part}.flac" for part in ("voice", "mix"))
    frames = round(14.09 * FPS)
    try:
        motion = SingingMotion(SingingSettings(lips="learned")).motion(voice, mix, FPS, frames)
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")
    opening, sound = aperture(motion), envelope(voice, frames)
    wide = np.percentile(opening, 95)

    def least(moment_s):
        return opening[round((moment_s - 0.12) * FPS) : round((moment_s + 0.04) * FPS) + 1].min() / wide

    assert sum(least(moment_s) < 0.15 for moment_s in RELEASES_S) >= 5
    elsewhere = np.random.default_rng(0).uniform(3.6, 11.5, 200)
    assert np.mean([least(moment_s) < 0.15 for moment_s in elsewhere]) < 0.5
    assert np.corrcoef(opening, sound)[0, 1] > 0.5
    time_s = (np.arange(frames) + 0.5) / FPS
    assert (opening[(time_s < 3.0) | (time_s > 12.1)] < 0.1 * wide).mean() >= 0.95


def test_where_lips_are_to_rest_no_breath_and_no_early_word_parts_them(tmp_path):
    """A film that spoke before must be seen to be silent; a singer of a portrait is seen to breathe in."""
    word = faded(0.3 * vowel(AH, 160.0, 0.8))
    path = write(tmp_path / "voice.wav", np.concatenate([silence(1.5), word, silence(1.5), word, silence(0.5)]))
    values = np.zeros((round(5.1 * LIP_RATE_HZ), len(CURVE_NAMES)), np.float32)
    values[:, CURVE_NAMES.index("aperture_mm")] = 9.0
    song = replace(analyse(path, path, FPS, round(5.1 * FPS)), lips=LipCurves(values))
    usual, resting = (aperture(perform(song, SingingSettings(), shut_in_rests=shut)) for shut in (False, True))
    before = slice(round(2.6 * FPS), round(3.64 * FPS))
    assert usual[before].max() > 0.02 and resting[before].max() < 0.004
    spoken = slice(round(3.95 * FPS), round(4.45 * FPS))
    assert resting[spoken].min() > 0.9 * usual[spoken].min() > 0
