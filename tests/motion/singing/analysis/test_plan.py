"""The plan of songs whose structure, notes and key are known."""

from __future__ import annotations

import numpy as np
import pytest

from motion.singing.analysis.chroma import WINDOW_SAMPLES, chroma, tuned
from motion.singing.analysis.key import find_key
from motion.singing.analysis.mix_features import mix_features
from motion.singing.analysis.rhythm import rhythm
from tests.motion.singing.songs import chords, drums, heard, sung
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, clicks

#: I IV V I of C major, and i iv V i of A minor.
MAJOR = [(60, 64, 67), (60, 65, 69), (59, 62, 67), (60, 64, 67)]
MINOR = [(57, 60, 64), (57, 62, 65), (56, 59, 64), (57, 60, 64)]
PHRASES = [
    [(4.0, 4.6, 57), (4.62, 5.1, 60), (5.12, 6.6, 64)],
    [(8.0, 8.5, 57), (8.52, 9.0, 55), (9.02, 11.0, 67)],
    [(16.0, 16.6, 60), (16.62, 18.0, 62)],
]


@pytest.fixture(scope="module")
def small_song():
    """24 s: music, three phrases, a full stop of the music from 12 to 14 s."""
    notes = [note for phrase in PHRASES for note in phrase]
    voice = sung(notes, 24.0)
    band = chords(MAJOR * 6, 1.0) + drums(24.0, 120.0)
    band[12 * SAMPLE_RATE_HZ : 14 * SAMPLE_RATE_HZ] = 0.0
    return heard(voice, voice + band).plan


@pytest.mark.slow
def test_phrases_breaths_and_peaks(small_song):
    assert len(small_song.phrases) == 3
    for phrase, notes in zip(small_song.phrases, PHRASES, strict=True):
        assert phrase.start_s == pytest.approx(notes[0][0], abs=0.1)
        assert phrase.end_s == pytest.approx(notes[-1][1], abs=0.15)
        assert phrase.start_s < phrase.peak_s < phrase.end_s
    # The highest note of the second phrase is its peak.
    assert 9.0 < small_song.phrases[1].peak_s < 11.1
    assert [breath.end_s for breath in small_song.breaths] == [phrase.start_s for phrase in small_song.phrases]
    for breath in small_song.breaths:
        middle = round(50.0 * (breath.start_s + breath.end_s))
        assert small_song.breath[middle] > 0.3 and small_song.breath[round(100 * breath.end_s) + 5] == 0.0


def test_held_notes_have_their_pitch(small_song):
    long = [note for phrase in PHRASES for note in phrase if note[1] - note[0] > 1.2]
    assert len(long) == 3
    for start_s, end_s, midi in long:
        found = min(small_song.held_notes, key=lambda note: abs(note.end_s - end_s))
        assert found.midi_note == pytest.approx(midi, abs=0.3)
        assert found.start_s == pytest.approx(start_s, abs=0.25) and found.end_s == pytest.approx(end_s, abs=0.2)
    low, high = small_song.pitch_range_midi
    assert low == pytest.approx(55.5, abs=2.0) and high == pytest.approx(67.0, abs=0.5)
    assert small_song.height[1000] > 0.9 > 0.5 > small_song.height[430]
    assert small_song.height[300] == 0.0 and np.isnan(small_song.midi_note[300])


def test_rests_and_music_without_singing(small_song):
    assert len(small_song.rests) == 1
    assert small_song.rests[0].start_s == pytest.approx(12.0, abs=0.4)
    assert small_song.rests[0].end_s == pytest.approx(14.0, abs=0.4)
    assert small_song.energy[1300] < 0.1 < 0.3 < small_song.energy[1000]
    starts_s = [span.start_s for span in small_song.instrumentals]
    assert starts_s[0] == 0.0 and any(abs(start_s - 18.0) < 0.5 for start_s in starts_s)


def test_nobody_sings():
    band = chords(MAJOR * 5, 1.0) + drums(20.0, 110.0)
    plan = heard(np.zeros_like(band), band).plan
    assert plan.phrases == plan.breaths == plan.held_notes == () and plan.pitch_range_midi is None
    assert len(plan.instrumentals) == 1 and plan.height.max() == plan.accent.max() == 0.0


def test_silence_is_one_rest():
    plan = heard(np.zeros(8 * SAMPLE_RATE_HZ), np.zeros(8 * SAMPLE_RATE_HZ)).plan
    assert len(plan.rests) == 1 and plan.energy.max() == 0.0
    assert plan.mood.mode_confidence == 0.0 and len(plan.sections) == 1


@pytest.mark.slow
def test_a_chorus_that_returns_is_known_again():
    """Verse and chorus of 16 s each, twice, and a part of its own at the end."""
    verse = chords([(57, 60, 64), (53, 57, 60)] * 4, 2.0) + drums(16.0, 120.0, 0.1)
    chorus = 1.6 * chords([(60, 64, 67), (59, 62, 67), (60, 65, 69), (62, 65, 69)] * 4, 1.0) + drums(16.0, 120.0, 0.4, 0.15)
    bridge = chords([(56, 61, 64), (54, 57, 61)] * 2, 4.0)
    song = np.concatenate([verse, chorus, verse, chorus, bridge])
    plan = heard(np.zeros_like(song), song).plan
    inner = [section.start_s for section in plan.sections]
    for border_s in (16.0, 32.0, 48.0, 64.0):
        assert min(abs(start_s - border_s) for start_s in inner) < 2.1

    def label(time_s):
        return next(section.label for section in plan.sections if section.start_s <= time_s < section.end_s)

    assert label(8.0) == label(40.0) != label(24.0) == label(56.0)
    assert label(72.0) not in (label(8.0), label(24.0))
    assert plan.sections[0].label == 0 and plan.sections[0].occurrence == 0
    returns = [section for section in plan.sections if section.label == label(56.0)]
    assert [section.occurrence for section in returns] == list(range(len(returns)))
    verse_energy, chorus_energy = (
        np.mean([section.energy for section in plan.sections if section.label == label(at_s)]) for at_s in (8.0, 24.0)
    )
    assert chorus_energy > verse_energy + 0.1
    assert plan.sections[-1].end_s == pytest.approx(80.0, abs=0.1)
    assert all(one.end_s == two.start_s for one, two in zip(plan.sections, plan.sections[1:], strict=False))


@pytest.mark.parametrize("tuning", [0.0, 0.35, -0.4])
@pytest.mark.parametrize(("progression", "mode", "tonic"), [(MAJOR, "major", 0), (MINOR, "minor", 9)])
@pytest.mark.parametrize("shift", [0, 5])
def test_key_of_a_progression(progression, mode, tonic, tuning, shift):
    """In tune and off it by a third of a semitone, in two keys."""
    sound = chords([tuple(note + shift for note in chord) for chord in progression] * 2, 1.0, tuning)
    starts = range(0, len(sound) - WINDOW_SAMPLES, 1600)
    frames = np.stack([sound[start : start + WINDOW_SAMPLES] for start in starts]).astype(np.float32)
    key = find_key(tuned(chroma(frames)))
    assert (key.mode, key.tonic) == (mode, (tonic + shift) % 12)
    assert key.confidence > 0.3


def test_noise_has_no_sure_mode():
    generator = np.random.default_rng(2)
    frames = generator.normal(0.0, 0.1, (200, WINDOW_SAMPLES)).astype(np.float32)
    assert find_key(tuned(chroma(frames))).confidence < 0.3
    assert find_key(np.zeros((5, 12))).confidence == 0.0


@pytest.mark.parametrize(("bar", "bpm"), [(3, 92), (3, 140), (4, 92), (4, 140)])
def test_bars_of_three_and_of_four(bar, bpm):
    sound, beats_s = clicks(bpm, 36.0, bar=bar)
    found = rhythm(mix_features([sound.astype(np.float32)], [], 3600, lambda done: None))
    assert found.bar_beats == bar
    distance = np.array([np.abs(beats_s[::bar] - beat).min() for beat in found.beats_s[found.downbeat]])
    assert (distance < 0.06).mean() > 0.9


def test_the_beat_is_the_bands_not_the_singers():
    """Loud syllables at another tempo; heard as a part of the mix alone they mislead, known as the voice they don't."""
    band = drums(30.0, 100.0, 0.3, 0.1)
    starts_s = np.arange(0.37, 29.5, 0.43)
    voice = sung([(start_s, start_s + 0.25, 60 + (k % 3)) for k, start_s in enumerate(starts_s)], 30.0)
    blocks = (voice + band).astype(np.float32), voice.astype(np.float32)
    known = rhythm(mix_features([blocks[0]], [blocks[1]], 3000, lambda done: None))
    unknown = rhythm(mix_features([blocks[0]], [], 3000, lambda done: None))
    true_s = np.arange(0.0, 30.0, 0.6)

    def share(found):
        return np.mean([np.abs(true_s - beat_s).min() < 0.06 for beat_s in found.beats_s])

    assert known.tempo_bpm == pytest.approx(100.0, rel=0.03)
    assert share(known) > 0.9 > share(unknown) + 0.2
