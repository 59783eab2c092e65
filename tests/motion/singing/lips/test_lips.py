"""What the mouth does: with sounds of known truth, with real songs, and with a real speaker's lips."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import soundfile

from media.media import read_audio
from motion.singing.runner import SingingMotion, SingingSettings
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, aperture, clicks, faded, silence, vowel, write

FPS = 25.0
AH, EE, OO = (730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240)
#: Seconds of music alone at the start and at the end of the shared songs.
MUSIC_ONLY_S = (3.0, 2.0)
#: Frames by which the picture of the shared speaker comes after the sound.
RECORDED_LATE = 1


def sung(tmp_path, sound, settings=None, mix=None):
    """Motion of a voice that is its own mix, unless another is given; lips from signal features, unless the settings say so."""
    settings = settings or SingingSettings(lips="features")
    voice = write(tmp_path / "voice.wav", sound)
    heard = voice if mix is None else write(tmp_path / "mix.wav", mix)
    return SingingMotion(settings).motion(voice, heard, FPS, round(len(sound) / SAMPLE_RATE_HZ * FPS))


def at(motion, start_s, stop_s):
    return slice(round(start_s * motion.fps), round(stop_s * motion.fps))


@pytest.mark.slow
def test_vowels_open_spread_and_round_the_lips(tmp_path):
    notes = [faded(0.3 * vowel(formants, 160.0, 1.2)) for formants in (AH, EE, OO)]
    sound = np.concatenate([silence(1.0), *[part for note in notes for part in (note, silence(0.8))]])
    motion = sung(tmp_path, sound)
    ah, ee, oo = (at(motion, 1.3 + 2.0 * k, 1.9 + 2.0 * k) for k in range(3))
    jaw = motion.shape("jawOpen")
    assert jaw[ah].mean() > jaw[ee].mean() + 0.15 and jaw[ah].mean() > jaw[oo].mean() + 0.15
    assert min(jaw[ee].mean(), jaw[oo].mean()) > 0.08
    assert motion.shape("mouthStretchLeft")[ee].mean() > motion.shape("mouthStretchLeft")[oo].mean() + 0.05
    rounded = motion.shape("mouthPucker") + motion.shape("mouthFunnel")
    assert rounded[oo].mean() > rounded[ah].mean() + 0.1 and rounded[oo].mean() > rounded[ee].mean() + 0.2
    assert jaw.max() <= 0.85


@pytest.mark.slow
def test_silence_and_a_stem_of_leftovers_keep_the_mouth_shut(tmp_path):
    music, _ = clicks(110, 12.0)
    music = music + 0.2 * vowel(AH, 220.0, 12.0)
    for leftovers in (0.0 * music, 0.1 * music, 0.06 * music):
        motion = sung(tmp_path, leftovers, mix=music)
        assert aperture(motion).max() == 0.0
        assert np.abs(motion.rotation_deg).max() > 0.5


@pytest.mark.slow
def test_held_note_stays_open(tmp_path):
    sound = np.concatenate([silence(0.5), faded(0.3 * vowel(AH, 220.0, 8.0)), silence(0.5)])
    opening = aperture(sung(tmp_path, sound))[round(1.0 * FPS) : round(8.0 * FPS)]
    assert opening.min() > 0.8 * opening.max()
    assert opening[-25:].mean() > 0.95 * opening[:25].mean()
    assert opening.std() > 0.0


def test_lips_close_on_stops_between_vowels(tmp_path):
    syllable = np.concatenate([faded(0.3 * vowel(AH, 180.0, 0.3), 0.015), silence(0.09)])
    sound = np.concatenate([silence(0.6), *[syllable] * 8, silence(0.6)])
    motion = sung(tmp_path, sound)
    opening = aperture(motion)
    stops_s = 0.6 + 0.39 * np.arange(1, 8) - 0.045
    for stop_s in stops_s:
        around = opening[round((stop_s - 0.06) * FPS) : round((stop_s + 0.06) * FPS) + 1]
        assert around.min() < 0.15 * opening.max()
    assert opening[round((stops_s[2] + 0.18) * FPS)] > 0.5 * opening.max()


def test_hiss_brings_the_teeth_together_and_the_lips_apart(tmp_path):
    generator = np.random.default_rng(0)
    hiss = np.diff(np.diff(generator.normal(size=round(0.25 * SAMPLE_RATE_HZ) + 2)))
    sound = np.concatenate(
        [silence(0.5), faded(0.3 * vowel(AH, 150.0, 0.6)), faded(0.03 * hiss), faded(0.3 * vowel(AH, 150.0, 0.6)), silence(0.5)]
    )
    motion = sung(tmp_path, sound)
    middle, vowels = at(motion, 1.16, 1.28), at(motion, 0.7, 0.95)
    assert motion.shape("jawOpen")[middle].max() < 0.35 * motion.shape("jawOpen")[vowels].mean()
    assert motion.shape("mouthUpperUpLeft")[middle].min() > 0.08


def test_louder_is_wider(tmp_path):
    loud, soft = faded(0.4 * vowel(AH, 200.0, 1.0)), faded(0.06 * vowel(AH, 200.0, 1.0))
    motion = sung(tmp_path, np.concatenate([silence(0.5), loud, silence(0.5), soft, silence(0.5)]))
    jaw = motion.shape("jawOpen")
    assert jaw[at(motion, 0.8, 1.2)].mean() > 1.25 * jaw[at(motion, 2.3, 2.7)].mean() > 0.15


@pytest.mark.slow
def test_lips_part_to_breathe_before_a_phrase(tmp_path):
    note = faded(0.3 * vowel(AH, 200.0, 1.0))
    motion = sung(tmp_path, np.concatenate([silence(1.5), note, silence(1.5), note, silence(1.0)]))
    opening = aperture(motion)
    breath = at(motion, 3.5, 3.9)
    assert 0.02 < opening[breath].max() < 0.1 * np.percentile(opening, 95)
    assert motion.translation[breath, 1].min() < motion.translation[at(motion, 3.0, 3.2), 1].mean() - 0.004
    assert opening[at(motion, 0.0, 0.5)].max() == 0.0


def envelope(path, frames):
    sound = read_audio(path, SAMPLE_RATE_HZ, 1)[:, 0]
    edges = np.round(np.arange(frames + 1) / FPS * SAMPLE_RATE_HZ).astype(int)
    return np.array([np.sqrt(np.mean(np.square(sound[a:b]))) if b <= len(sound) else 0.0 for a, b in itertools.pairwise(edges)])


@pytest.mark.slow
@pytest.mark.parametrize("song", ["song_10", "song_14"])
@pytest.mark.parametrize("leftover_db", [None, -25.0, -20.0])
def test_real_songs(shared_dir, tmp_path, song, leftover_db):
    """The aims for the film, on the motion: in time with the voice, shut where only music plays."""
    folder = shared_dir / "songs"
    true_voice, mix = folder / f"{song}_voice.flac", folder / f"{song}_mix.flac"
    voice = true_voice
    if leftover_db is not None:
        stem, rate = soundfile.read(true_voice)
        music, _ = soundfile.read(folder / f"{song}_accompaniment.flac")
        voice = tmp_path / "voice.wav"
        soundfile.write(voice, stem + 10 ** (leftover_db / 20) * music, rate)
    duration_s = soundfile.info(mix).duration
    frames = round(duration_s * FPS)
    motion = SingingMotion(SingingSettings(lips="features")).motion(voice, mix, FPS, frames)
    opening, sound = aperture(motion), envelope(true_voice, frames)
    by_lag = {lag: np.corrcoef(np.roll(opening, lag)[8:-8], sound[8:-8])[0, 1] for lag in range(-6, 7)}
    assert by_lag[0] > 0.7
    assert abs(max(by_lag, key=by_lag.get)) <= 1
    generator = np.random.default_rng(0)
    shuffled = [np.corrcoef(opening, np.roll(sound, generator.integers(25, frames - 25)))[0, 1] for _ in range(50)]
    assert by_lag[0] > np.mean(shuffled) + 0.5
    time_s = (np.arange(frames) + 0.5) / FPS
    music_only = (time_s < MUSIC_ONLY_S[0]) | (time_s > duration_s - MUSIC_ONLY_S[1])
    assert (opening[music_only] < 0.1 * np.percentile(opening, 95)).mean() >= 0.95
    jaw = motion.shape("jawOpen")
    assert 0.5 < np.percentile(jaw, 97) <= jaw.max() <= 0.85


@pytest.mark.slow
def test_lips_of_a_real_speaker(shared_dir, tmp_path):
    """Aperture against the true lips of 40 spoken sentences: clearly better than the voice's envelope, which is the control."""
    talking = shared_dir / "talking"
    if not (talking / "grid_s1.npz").is_file():
        pytest.skip("shared/talking/grid_s1.npz is missing")
    with np.load(talking / "grid_s1.npz") as data:
        frames, samples, index = data["frames"], data["samples"], list(data["landmark_index"])
        points = data["landmarks"][:, [index.index(k) for k in (13, 14, 33, 263)], :2].astype(np.float32)
    true = np.linalg.norm(points[:, 0] - points[:, 1], axis=1) / np.linalg.norm(points[:, 2] - points[:, 3], axis=1)
    first_frame, first_sample = (np.concatenate([[0], np.cumsum(lengths)]) for lengths in (frames, samples))
    chosen = np.random.default_rng(5).choice(len(frames), 40, replace=False)
    pieces, lips = [], []
    for clip in chosen:
        length = int(min(frames[clip], samples[clip] // 640))
        start = int(first_sample[clip])
        pieces.append(soundfile.read(talking / "grid_s1.flac", start=start, stop=start + 640 * length, dtype="float32")[0])
        lips.append(true[first_frame[clip] : first_frame[clip] + length])
    motion = sung(tmp_path, np.concatenate(pieces))
    loudness = envelope(tmp_path / "voice.wav", len(motion))

    def mean_correlation(curve, late=0):
        starts = np.concatenate([[0], np.cumsum([len(part) for part in lips])])
        pairs = [(curve[a : a + len(part) - late], part[late:]) for a, part in zip(starts, lips, strict=False)]
        return np.mean([np.corrcoef(ours, true)[0, 1] for ours, true in pairs])

    # The sound itself tells how far these recordings' pictures lag behind it; our lips are held to that one frame.
    ours, control = ([mean_correlation(curve, late) for late in range(4)] for curve in (aperture(motion), loudness))
    assert np.argmax(control) == np.argmax(ours) == RECORDED_LATE
    assert ours[RECORDED_LATE] > 0.66
    assert ours[RECORDED_LATE] > control[RECORDED_LATE] + 0.12
