"""The whole motion: exact length, repeatable, within its ranges, alive, and locked to the beat; stored analyses; memory."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from core.contracts import BLENDSHAPE_INDEX
from core.errors import Cancelled, InputError
from metrics.repetition import VISIBLE, repetition
from motion.singing.runner import SingingMotion, SingingSettings, SongAnalysis, analyse, perform
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, clicks, faded, silence, vowel, write

pytestmark = pytest.mark.long


def made_song(duration_s, bpm=100):
    """A voice of many notes over clicks, and the mix."""
    generator = np.random.default_rng(3)
    parts, length = [], 0
    while length < duration_s * SAMPLE_RATE_HZ:
        f0_hz = 180.0 * 2 ** (generator.integers(-3, 9) / 12)
        formants = [(730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (450, 800, 2500)][generator.integers(4)]
        rest_s = 1.5 if generator.random() < 0.2 else 0.08
        parts += [faded(generator.uniform(0.1, 0.3) * vowel(formants, f0_hz, generator.uniform(0.2, 1.6))), silence(rest_s)]
        length += len(parts[-2]) + len(parts[-1])
    voice = np.concatenate(parts)[: round(duration_s * SAMPLE_RATE_HZ)]
    music, beats_s = clicks(bpm, duration_s)
    return voice, 0.4 * music + voice, beats_s


@pytest.fixture(scope="module")
def song_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("song")
    voice, mix, beats_s = made_song(60.0)
    return write(folder / "voice.wav", voice), write(folder / "mix.wav", mix), beats_s


@pytest.fixture(scope="module")
def song(song_files):
    return analyse(song_files[0], song_files[1], 25.0, 1500)


@pytest.mark.slow
@pytest.mark.parametrize(("fps", "frames"), [(10.0, 47), (24.0, 1), (29.97, 333), (60.0, 500)])
def test_exact_length_at_any_rate(song_files, fps, frames):
    motion = SingingMotion().motion(song_files[0], song_files[1], fps, frames)
    assert len(motion) == frames and motion.fps == fps
    assert motion.blendshapes.dtype == motion.rotation_deg.dtype == np.float32
    assert motion.blendshapes.min() >= 0.0 and motion.blendshapes.max() <= 1.0
    assert motion.intensity.min() >= 0.0 and motion.intensity.max() <= 1.0


@pytest.mark.slow
def test_a_film_longer_than_its_sound_ends_in_rest(song_files):
    motion = SingingMotion().motion(song_files[0], song_files[1], 25.0, 1600)
    assert motion.shape("jawOpen")[1520:].max() == 0.0


@pytest.mark.slow
def test_rates_show_the_same_performance(song_files):
    slow = SingingMotion().motion(song_files[0], song_files[1], 25.0, 500)
    fast = SingingMotion().motion(song_files[0], song_files[1], 50.0, 1000)
    paired = fast.rotation_deg.reshape(500, 2, 3).mean(axis=1)
    assert np.abs(paired - slow.rotation_deg).max() < 0.3
    assert np.corrcoef(fast.shape("jawOpen").reshape(500, 2).mean(axis=1), slow.shape("jawOpen"))[0, 1] > 0.98


@pytest.mark.slow
def test_seeds_repeat_and_differ(song):
    first, again, other = (perform(song, SingingSettings(seed=seed)) for seed in (1, 1, 2))
    for name in ("blendshapes", "rotation_deg", "translation", "gaze_deg", "intensity"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert np.abs(first.rotation_deg - other.rotation_deg).max() > 1.0
    assert np.abs(first.shape("jawOpen") - other.shape("jawOpen")).max() < 0.1


@pytest.mark.slow
def test_settings_do_not_shift_chance(song):
    natural = perform(song, SingingSettings())
    still = perform(song, SingingSettings(head_motion=0.0))
    strong = perform(song, SingingSettings(expressiveness=2.0))
    assert np.abs(still.rotation_deg).max() == 0.0 and np.abs(still.translation).max() == 0.0
    np.testing.assert_array_equal(still.shape("eyeBlinkLeft"), natural.shape("eyeBlinkLeft"))
    np.testing.assert_array_equal(still.shape("jawOpen"), natural.shape("jawOpen"))
    np.testing.assert_allclose(
        2.0 * natural.rotation_deg, perform(song, SingingSettings(head_motion=2.0)).rotation_deg, rtol=1e-5
    )
    assert strong.shape("browInnerUp").mean() > 1.5 * natural.shape("browInnerUp").mean()
    assert perform(song, SingingSettings(expressiveness=0.0)).shape("browInnerUp").max() == 0.0
    assert strong.shape("jawOpen").max() <= 0.85


@pytest.mark.slow
def test_ranges_and_smoothness(song):
    for seed in range(4):
        motion = perform(song, SingingSettings(seed=seed))
        assert (np.abs(motion.rotation_deg).max(axis=0) <= [9.0, 7.0, 5.0]).all()
        assert np.abs(motion.translation).max() <= 0.05
        velocity = np.diff(motion.rotation_deg, axis=0) * motion.fps
        assert np.abs(velocity).max() < 60.0
        assert np.abs(np.diff(velocity, axis=0) * motion.fps).max() < 700.0
        assert motion.shape("tongueOut").max() == 0.0
        assert (motion.shape("mouthClose") <= motion.shape("jawOpen") + 1e-6).all()
        assert (motion.rotation_deg.std(axis=0) > [0.8, 0.5, 0.4]).all()


@pytest.mark.slow
def test_nods_are_low_on_the_beat(song, song_files):
    """Head pitch around true beats against the same around beats moved by random parts of a period."""
    beats_s = song_files[2]
    generator = np.random.default_rng(0)
    period_s = float(np.diff(beats_s)[0])

    def depth(times_s, motion):
        time_s = (np.arange(len(motion)) + 0.5) / motion.fps
        pitch = motion.rotation_deg[:, 1]
        on = np.interp(times_s, time_s, pitch)
        off = (np.interp(times_s - period_s / 2, time_s, pitch) + np.interp(times_s + period_s / 2, time_s, pitch)) / 2
        return float((off - on).mean())

    motions = [perform(song, SingingSettings(seed=seed)) for seed in range(3)]
    true = np.mean([depth(beats_s[2:-2], motion) for motion in motions])
    moved = [depth(beats_s[2:-2] + shift, motions[0]) for shift in generator.uniform(-0.5, 0.5, 30) * period_s]
    assert true > 0.5
    assert true > np.percentile(moved, 80)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_movement_never_repeats(song, seed):
    """Every piece against every other one, all axes together: a single turn may resemble another, the whole head may not."""
    found = repetition(perform(song, SingingSettings(seed=seed)).rotation_deg, song.fps, draws=1)
    assert found.highest < VISIBLE < found.loop


@pytest.mark.slow
def test_blinks_are_irregular_and_of_human_length(song):
    motion = perform(song, SingingSettings(seed=4))
    shut = motion.shape("eyeBlinkLeft") > 0.5
    starts = np.flatnonzero(np.diff(shut.astype(int)) == 1)
    assert 8 <= len(starts) <= 32
    assert np.diff(starts).std() > 10
    lengths = np.array([np.argmin(shut[start + 1 :]) for start in starts]) / motion.fps
    assert np.median(lengths) < 0.25
    rests = np.diff(starts) / motion.fps
    assert np.median(rests) > 1.4


@pytest.mark.slow
def test_eyes_stay_near_the_camera(song):
    motion = perform(song, SingingSettings())
    looking = motion.gaze_deg + 0.7 * motion.rotation_deg[:, :2]
    assert (np.abs(looking).max(axis=1) < 4.0).mean() > 0.7
    assert np.abs(motion.gaze_deg).max() <= 14.0
    left = motion.blendshapes[:, BLENDSHAPE_INDEX["eyeLookOutLeft"]]
    assert (left[motion.gaze_deg[:, 0] > 1.0] > 0.0).all()


@pytest.mark.slow
def test_an_analysis_can_be_stored(song, tmp_path):
    song.save(tmp_path / "song.npz")
    loaded = SongAnalysis.load(tmp_path / "song.npz")
    first, second = perform(song, SingingSettings()), perform(loaded, SingingSettings())
    np.testing.assert_array_equal(first.blendshapes, second.blendshapes)
    np.testing.assert_array_equal(first.rotation_deg, second.rotation_deg)
    assert [path.name for path in tmp_path.iterdir()] == ["song.npz"]
    (tmp_path / "torn.npz").write_bytes((tmp_path / "song.npz").read_bytes()[:1000])
    with pytest.raises(InputError, match="analyse the song again"):
        SongAnalysis.load(tmp_path / "torn.npz")


@pytest.mark.slow
def test_progress_is_told_and_may_cancel(song_files):
    told = []
    SingingMotion().motion(song_files[0], song_files[1], 25.0, 500, lambda stage, done, total: told.append((stage, done, total)))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1] == told[-1][2] and len(told) > 4

    def cancel(stage, done, total):
        raise Cancelled("Stopped by the user.")

    with pytest.raises(Cancelled):
        SingingMotion().motion(song_files[0], song_files[1], 25.0, 500, cancel)


@pytest.mark.parametrize(
    "change", [{"expressiveness": 2.5}, {"head_motion": -0.1}, {"seed": -1}, {"expressiveness": float("nan")}]
)
def test_settings_outside_their_range(change):
    with pytest.raises(InputError):
        SingingSettings(**change)


@pytest.mark.parametrize(("fps", "frames"), [(5.0, 100), (120.0, 100), (25.0, 0)])
def test_impossible_films(song_files, fps, frames):
    with pytest.raises(InputError):
        SingingMotion().motion(song_files[0], song_files[1], fps, frames)


MEASURE = """
import resource, sys
from pathlib import Path
from motion.singing.runner import SingingMotion
SingingMotion().motion(Path(sys.argv[1]), Path(sys.argv[2]), 25.0, int(sys.argv[3]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_song(song_files, tmp_path, root_dir):
    """Peak memory of a whole process for one and for three minutes."""
    voice, mix, _ = made_song(60.0)
    long = [write(tmp_path / f"{name}.wav", np.tile(sound, 3)) for name, sound in (("voice", voice), ("mix", mix))]
    peaks = []
    for files, frames in ((song_files[:2], 1500), (long, 4500)):
        command = [sys.executable, "-c", MEASURE, str(files[0]), str(files[1]), str(frames)]
        peaks.append(int(subprocess.run(command, cwd=root_dir, capture_output=True, text=True, check=True).stdout))
    assert peaks[1] < 1.06 * peaks[0]
