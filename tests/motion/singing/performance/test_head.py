"""The head over songs whose plan is known: on the beat, as large as the energy, led by phrases, still in rests, never alike."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.timebase import frame_times_s
from metrics.head_beat import head_beat
from metrics.repetition import highest_likeness, repetition
from motion.singing.performance.chance import stream
from motion.singing.performance.gestures import GESTURES, choreography
from motion.singing.performance.groove import find_pulses, groove
from motion.singing.performance.keyframes import in_order, through
from motion.singing.performance.posture import posture
from motion.singing.runner import SingingSettings, perform
from tests.motion.singing.songs import chords, drums, heard, sung
from tests.motion.singing.sounds import SAMPLE_RATE_HZ

BPM, LENGTH_S = 104.0, 64.0
REST_S, SOFT_S, LOUD_S = (30.0, 33.0), (2.0, 29.0), (34.0, 62.0)
SEEDS = range(3)


@pytest.fixture(scope="module")
def song():
    """64 s: soft music, a full stop from 30 to 33 s, loud music; four phrases in each half, and passages without singing."""
    band = chords([(60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62)] * 8, 2.0) + drums(LENGTH_S, BPM, 0.3, 0.03)
    half = round(REST_S[0] * SAMPLE_RATE_HZ)
    band[:half] *= 0.2
    band[half : round(REST_S[1] * SAMPLE_RATE_HZ)] = 0.0
    starts_s = (6.0, 10.5, 15.0, 20.0, 38.0, 42.5, 47.0, 52.0)
    notes = [(start_s + k * 0.8, start_s + k * 0.8 + 0.75, 57 + 2 * k) for start_s in starts_s for k in range(4)]
    voice = sung(notes, LENGTH_S)
    voice[:half] *= 0.2
    return heard(voice, voice + band)


@pytest.fixture(scope="module")
def motions(song):
    return [perform(song, SingingSettings(seed=seed)) for seed in SEEDS]


def within(curve, span_s, rate_hz=25.0):
    return curve[round(span_s[0] * rate_hz) : round(span_s[1] * rate_hz)]


@pytest.mark.slow
def test_nods_strike_the_true_beats(song, motions):
    """Against the beats that the song was made of, not those that were found."""
    beats_s = np.arange(0.0, LENGTH_S, 60.0 / BPM)
    for motion in motions:
        times_s = frame_times_s(len(motion), motion.fps)
        found = head_beat(times_s, -motion.rotation_deg[:, 1], motion.rotation_deg, beats_s, draws=150)
        assert found.locking > 0.4 and found.p_value < 0.01 and found.z_score > 3.0
        shifted = head_beat(times_s, -motion.rotation_deg[:, 1], motion.rotation_deg, beats_s * 1.13, draws=50)
        assert shifted.locking < 0.5 * found.locking


def test_size_goes_with_the_energy(song):
    plan = song.plan
    for seed in SEEDS:
        beat = groove(plan, np.full(plan.count, 0.5, np.float32), stream(seed, "test"))
        soft, loud = (np.std(np.diff(within(beat.rotation_deg[:, 1], span_s, 100.0))) for span_s in (SOFT_S, LOUD_S))
        assert loud > 1.5 * soft


def test_the_first_beat_of_a_bar_is_struck_hardest(song):
    plan = song.plan
    depths = {0: [], 2: []}
    for seed in range(8):
        pitch = groove(plan, np.full(plan.count, 0.5, np.float32), stream(seed, "test")).rotation_deg[:, 1]
        pulses = find_pulses(plan)
        for level, kept in depths.items():
            kept += [pitch[round(100 * time_s)] for time_s in pulses.times_s[pulses.level == level] if 1.0 < time_s < 62.0]
    assert np.mean(depths[0]) < np.mean(depths[2]) - 0.5


@pytest.mark.slow
def test_rests_are_still_and_interludes_are_not(motions):
    for motion in motions:
        speed = np.linalg.norm(np.diff(motion.rotation_deg, axis=0), axis=1) * motion.fps
        assert within(speed, (31.0, 32.3)).mean() < 0.3 * within(speed, LOUD_S).mean()
        interlude = within(speed, (57.0, 62.0)).mean()
        assert interlude > 0.5 * within(speed, (38.0, 55.0)).mean()
        assert within(motion.shape("jawOpen"), (57.0, 62.0)).max() < 0.05


def test_phrases_lift_and_settle(song):
    """The chin's mean over phrases, soon after their start against soon after their end."""
    plan = song.plan
    curves = [posture(plan, stream(seed, "test"))[:, 1] for seed in range(12)]
    starts = [np.mean([curve[round(100 * (phrase.start_s + 0.6))] for phrase in plan.phrases]) for curve in curves]
    ends = [np.mean([curve[round(100 * (phrase.end_s + 0.4))] for phrase in plan.phrases]) for curve in curves]
    assert np.mean(starts) > np.mean(ends) + 1.0
    assert np.mean(np.asarray(starts) > np.asarray(ends)) > 0.9


@pytest.mark.slow
def test_natural_limits(motions):
    for motion in motions:
        velocity = np.diff(motion.rotation_deg, axis=0) * motion.fps
        acceleration = np.diff(velocity, axis=0) * motion.fps
        jerk = np.diff(acceleration, axis=0) * motion.fps
        assert (np.abs(motion.rotation_deg).max(axis=0) <= [9.0, 7.0, 5.0]).all()
        assert np.abs(velocity).max() < 75.0 and np.abs(acceleration).max() < 900.0 and np.abs(jerk).max() < 22000.0
        assert np.abs(motion.translation).max() <= 0.05


@pytest.mark.slow
def test_shoulders_go_with_the_head(motions):
    for motion in motions:
        assert np.corrcoef(motion.translation[:, 0], motion.rotation_deg[:, 2])[0, 1] > 0.4
        nod, height = np.diff(motion.rotation_deg[:, 1]), np.diff(motion.translation[:, 1])
        assert np.corrcoef(nod, height)[0, 1] < -0.3


@pytest.mark.slow
def test_music_that_returns_is_not_moved_to_in_the_same_way():
    """Sixteen seconds, six times over: each round against the next, and no piece of four seconds twice."""
    band = chords([(60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62)] * 2, 2.0) + drums(16.0, 120.0, 0.3, 0.05)
    voice = sung([(2.0 + 0.9 * k, 2.8 + 0.9 * k, 57 + (3 * k) % 8) for k in range(12)], 16.0)
    song = heard(np.tile(voice, 6), np.tile(voice + band, 6))
    for seed in range(2):
        motion = perform(song, SingingSettings(seed=seed))
        rounds = motion.rotation_deg[: 6 * 400].reshape(6, 400, 3)
        rounds = rounds - rounds.mean(axis=1, keepdims=True)
        likeness = [np.corrcoef(one.ravel(), two.ravel())[0, 1] for one, two in pairwise(rounds)]
        assert max(likeness) < 0.7
        found = repetition(motion.rotation_deg, motion.fps, draws=3)
        assert not found.visible and found.loop > 0.99
        assert found.highest < found.noise_p95 + 0.15


def test_no_gesture_twice_running_and_all_come(song):
    names = set()
    for seed in range(6):
        steps = choreography(song.plan, True, stream(seed, "test"))
        assert steps[0].start_s == 0.0 and steps[-1].end_s == song.plan.duration_s
        for one, two in pairwise(steps):
            assert one.gesture.name != two.gesture.name and one.end_s == two.start_s
        names |= {step.gesture.name for step in steps}
    assert len(names) == len(GESTURES)


@pytest.mark.slow
def test_a_song_without_a_beat_is_swayed_to():
    generator = np.random.default_rng(0)
    drone = 0.1 * np.sin(2 * np.pi * 220.0 * np.arange(20 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)
    drone += 0.001 * generator.normal(size=len(drone))
    drone[: SAMPLE_RATE_HZ // 10] *= np.linspace(0.0, 1.0, SAMPLE_RATE_HZ // 10)
    motion = perform(heard(drone, drone), SingingSettings())
    assert (motion.rotation_deg.std(axis=0) > 0.2).all()


def test_keyframes_rest_at_each_value():
    curve = through(np.asarray([0.5, 1.0, 2.0]), np.asarray([[0.0], [3.0], [-1.0]]), 300)[:, 0]
    assert curve[0] == curve[50] == 0.0 and curve[100] == 3.0 and curve[200] == curve[299] == -1.0
    assert curve[75] == pytest.approx(1.5)
    # Least jerk: the peak of speed is 15/8 of the mean.
    assert np.diff(curve[50:101]).max() * 100.0 == pytest.approx(1.875 * 3.0 / 0.5, rel=0.01)
    times_s, values = in_order(np.asarray([1.0, 0.2, 1.02]), np.asarray([[1.0], [2.0], [3.0]]), 0.05)
    assert times_s.tolist() == [0.2, 1.0] and values[:, 0].tolist() == [2.0, 1.0]


@pytest.mark.slow
def test_highest_likeness_sees_the_whole_motion(motions):
    """The control of the test above: the same motion twice over is found."""
    doubled = np.concatenate([motions[0].rotation_deg[:700], motions[0].rotation_deg[:700]])
    likeness, first_s, again_s = highest_likeness(doubled, 25.0)
    assert likeness > 0.999 and again_s - first_s == pytest.approx(28.0, abs=0.1)
