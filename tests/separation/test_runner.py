from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from core.contracts import Separator
from core.errors import Cancelled, InputError
from core.messages import message
from metrics.envelope import voice_envelope
from separation.runner import SpleeterSeparator
from separation.settings import SAMPLE_RATE_HZ, SpleeterSettings

pytestmark = [pytest.mark.usefixtures("network"), pytest.mark.long]


def read(path):
    samples, sample_rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    assert sample_rate_hz == SAMPLE_RATE_HZ and samples.shape[1] == 2
    return samples


def noise(count, channels=2, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal((count, channels))).astype(np.float32)


def names(folder: Path):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.slow
def test_real_song(shared_dir, tmp_path):
    songs = shared_dir / "songs"
    calls = []
    separator: Separator = SpleeterSeparator()
    stems = separator.separate(songs / "song_10_mix.flac", tmp_path / "new" / "out", lambda *call: calls.append(call))
    assert names(tmp_path / "new" / "out") == ["accompaniment.wav", "vocals.wav"]
    assert stems.notes == () and 0.4 < stems.voice_share < 0.6
    voice, truth = read(stems.voice), read_mono(songs / "song_10_voice.flac")
    assert len(voice) == len(truth) and stems.duration_s == len(truth) / SAMPLE_RATE_HZ
    assert scale_invariant_sdr_db(voice.mean(axis=1), truth) > 12
    music_only = voice[: 3 * SAMPLE_RATE_HZ]
    assert np.square(music_only).mean() < 1e-6 * np.square(voice).mean()
    assert {stage for stage, _, _ in calls} == {"separate"}
    assert [done for _, done, _ in calls] == sorted(done for _, done, _ in calls) and calls[-1][1:] == (15, 15)


@pytest.mark.slow
def test_a_song_with_opposite_sides_is_separated_and_heard(shared_dir, tmp_path):
    """`pan=stereo|c0=c0|c1=-1*c0`: the network hears each side by itself, and who listens to the stem hears it as loud."""
    sound, rate_hz = soundfile.read(shared_dir / "songs" / "song_10_mix.flac", dtype="float32", always_2d=True)
    levels = []
    for name, right in (("alike", 1), ("against", -1)):
        soundfile.write(tmp_path / f"{name}.wav", sound[:, :1] * (1, right), rate_hz, subtype="FLOAT")
        stems = SpleeterSeparator().separate(tmp_path / f"{name}.wav", tmp_path / name)
        levels.append(voice_envelope(stems.voice).rms)
    assert levels[0].max() > 0.01
    np.testing.assert_allclose(levels[1], levels[0], atol=0.02 * levels[0].max())


@pytest.mark.slow
def test_a_quiet_song_is_separated_as_a_loud_one(shared_dir, tmp_path):
    sound, rate_hz = soundfile.read(shared_dir / "songs" / "song_10_mix.flac", dtype="float32", always_2d=True)
    soundfile.write(tmp_path / "quiet.wav", 0.01 * sound, rate_hz, subtype="FLOAT")
    stems = SpleeterSeparator().separate(tmp_path / "quiet.wav", tmp_path / "out")
    truth = read_mono(shared_dir / "songs" / "song_10_voice.flac")
    assert stems.notes == ()
    assert scale_invariant_sdr_db(read(stems.voice).mean(axis=1), truth) > 12
    assert np.abs(read(stems.voice)).max() < 0.011  # as loud as it is in the mix


def read_mono(path):
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1)


def scale_invariant_sdr_db(estimate, truth):
    """SI-SDR of Le Roux et al., ICASSP 2019, in dB."""
    target = truth * (estimate @ truth) / (truth @ truth)
    return 10 * np.log10((target @ target) / ((estimate - target) @ (estimate - target)))


@pytest.mark.slow
def test_voice_alone_is_said_and_left_as_it_is(shared_dir, tmp_path):
    song = shared_dir / "songs" / "song_10_voice.flac"
    stems = SpleeterSeparator().separate(song, tmp_path)
    assert len(stems.notes) == 1 and stems.notes[0].code == "separation.voice_alone"
    assert stems.voice_share > 0.95
    np.testing.assert_allclose(read(stems.voice).mean(axis=1), read_mono(song), atol=1e-4)
    assert not read(stems.accompaniment).any()


@pytest.mark.slow
def test_speech_is_voice_alone(shared_dir, tmp_path):
    settings = SpleeterSettings(start_s=300, duration_s=10)
    stems = SpleeterSeparator(settings).separate(shared_dir / "talking" / "grid_s1.flac", tmp_path)
    assert stems.notes[0].code == "separation.voice_alone"
    assert len(read(stems.voice)) == 10 * SAMPLE_RATE_HZ


@pytest.mark.slow
def test_no_voice_is_said_and_drives_nothing(shared_dir, tmp_path):
    song = shared_dir / "songs" / "song_10_accompaniment.flac"
    stems = SpleeterSeparator().separate(song, tmp_path)
    assert stems.notes == (message("separation.no_voice"),)
    assert stems.voice_share < 0.01
    assert not read(stems.voice).any()
    np.testing.assert_allclose(read(stems.accompaniment).mean(axis=1), read_mono(song), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("spoken", [True, False])
def test_a_single_word_in_a_piece_of_music_is_a_voice(shared_dir, write_sound, tmp_path, spoken):
    """Half a second of speech in 14 s of music; the same music without it is the control."""
    path = shared_dir / "talking" / "grid_s1.flac"
    if not path.is_file():
        pytest.skip("shared/talking/grid_s1.flac is missing")
    music, _ = soundfile.read(shared_dir / "songs" / "song_10_accompaniment.flac", dtype="float32", always_2d=True)
    word = resample_poly(soundfile.read(path, start=16000, stop=24000, dtype="float32")[0], 441, 160)[:, None]
    song, start = music.copy(), 9 * SAMPLE_RATE_HZ
    if spoken:
        song[start : start + len(word)] += word * np.sqrt(np.square(music).mean() / np.square(word).mean())
    stems = SpleeterSeparator().separate(write_sound(song), tmp_path / "out")
    assert stems.notes == (() if spoken else (message("separation.no_voice"),))
    voice = read(stems.voice)
    assert (np.abs(voice[start : start + len(word)]).max() > 0.05) == spoken
    assert np.abs(voice[: start // 2]).max() < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("sound", ["silence", "noise", "deep tone", "high tone"])
def test_sounds_that_are_no_song(write_sound, tmp_path, sound):
    times_s = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    samples = {
        "silence": np.zeros((len(times_s), 2)),
        "noise": noise(len(times_s)),
        "deep tone": 0.3 * np.sin(2 * np.pi * 110 * times_s),
        "high tone": 0.3 * np.sin(2 * np.pi * 3000 * times_s),
    }[sound]
    stems = SpleeterSeparator().separate(write_sound(samples), tmp_path / "out")
    assert "the mouth will stay shut" in str(stems.notes[0])
    assert ("silent" in str(stems.notes[0])) == (sound == "silence")
    assert np.isfinite(read(stems.accompaniment)).all() and not read(stems.voice).any()


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 1023])
def test_excerpts_of_a_few_samples(write_sound, tmp_path, count):
    settings = SpleeterSettings(start_s=0.25, duration_s=count / SAMPLE_RATE_HZ)
    stems = SpleeterSeparator(settings).separate(write_sound(noise(30000)), tmp_path / "out")
    assert len(read(stems.voice)) == len(read(stems.accompaniment)) == count


@pytest.mark.slow
@pytest.mark.parametrize("count", [22051, 44100 * 3 + 17])
def test_stems_are_as_long_as_the_mix(write_sound, tmp_path, count):
    stems = SpleeterSeparator().separate(write_sound(noise(count)), tmp_path / "out")
    assert len(read(stems.voice)) == len(read(stems.accompaniment)) == count
    assert stems.duration_s == count / SAMPLE_RATE_HZ


@pytest.mark.slow
def test_mono_at_48_khz(shared_dir, write_sound, tmp_path):
    song, _ = soundfile.read(shared_dir / "songs" / "song_14_mix.flac", dtype="float32", always_2d=True)
    mono = write_sound(song.mean(axis=1)[: 48000 * 6], 48000)
    stems = SpleeterSeparator().separate(mono, tmp_path / "out")
    sum_of_stems = read(stems.voice) + read(stems.accompaniment)
    assert len(sum_of_stems) == 6 * SAMPLE_RATE_HZ
    np.testing.assert_allclose(sum_of_stems[:, 0], sum_of_stems[:, 1], atol=1e-5)  # mono was laid on both channels


@pytest.mark.slow
def test_six_channels_in_a_film(write_sound, tmp_path):
    surround = write_sound(noise(2 * 48000, channels=6), 48000)
    film = tmp_path / "film.mp4"
    arguments = ["-v", "error", "-f", "lavfi", "-i", "color=s=64x64:d=2", "-i", str(surround), "-c:a", "aac", "-shortest"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *arguments, str(film)], check=True)
    stems = SpleeterSeparator().separate(film, tmp_path / "out")
    assert stems.duration_s == pytest.approx(2, abs=0.05)


@pytest.mark.slow
def test_excerpt_is_what_a_cut_file_gives(shared_dir, write_sound, tmp_path):
    song = shared_dir / "songs" / "song_10_mix.flac"
    samples, _ = soundfile.read(song, dtype="float32", always_2d=True)
    cut = write_sound(samples[4 * SAMPLE_RATE_HZ : 7 * SAMPLE_RATE_HZ])
    excerpt = SpleeterSeparator(SpleeterSettings(start_s=4, duration_s=3)).separate(song, tmp_path / "excerpt")
    whole = SpleeterSeparator().separate(cut, tmp_path / "cut")
    np.testing.assert_allclose(read(excerpt.voice), read(whole.voice), atol=1e-4)


@pytest.mark.slow
def test_cancelled_midway_leaves_nothing(write_sound, tmp_path):
    song = write_sound(noise(30 * SAMPLE_RATE_HZ))
    out_dir = tmp_path / "out"
    seen = []

    def stop(stage, done, total):
        seen.append((names(out_dir) if out_dir.exists() else [], done))
        if done > 12:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        SpleeterSeparator().separate(song, out_dir, stop)
    assert any(len(files) == 2 and done > 0 for files, done in seen)  # there was something to leave behind
    assert names(out_dir) == []


@pytest.mark.slow
def test_earlier_stems_survive_a_failure(write_sound, tmp_path):
    out_dir = tmp_path / "out"
    SpleeterSeparator().separate(write_sound(noise(30000)), out_dir)
    before = read(out_dir / "vocals.wav")

    def fail(stage: str, done: int, total: int) -> None:
        if done > 0:
            raise InputError("The disk is full.")

    with pytest.raises(InputError, match="disk"):
        SpleeterSeparator().separate(write_sound(noise(40000), name="other.wav"), out_dir, fail)
    np.testing.assert_array_equal(read(out_dir / "vocals.wav"), before)
    assert names(out_dir) == ["accompaniment.wav", "vocals.wav"]


@pytest.mark.parametrize(
    "settings",
    [
        SpleeterSettings(start_s=-1),
        SpleeterSettings(start_s=float("nan")),
        SpleeterSettings(duration_s=0),
        SpleeterSettings(duration_s=float("inf")),
        SpleeterSettings(threads=0),
        SpleeterSettings(card_segments=0),
    ],
)
def test_settings_without_sense(settings):
    with pytest.raises(InputError, match="is expected"):
        SpleeterSeparator(settings)


def test_start_after_the_end(write_sound, tmp_path):
    with pytest.raises(InputError, match=r"sound.wav lasts 1.00 s, and the start is 5 s"):
        SpleeterSeparator(SpleeterSettings(start_s=5)).separate(write_sound(noise(44100)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_excerpt_of_nothing(write_sound, tmp_path):
    with pytest.raises(InputError, match="shorter than one sample"):
        SpleeterSeparator(SpleeterSettings(duration_s=1e-9)).separate(write_sound(noise(44100)), tmp_path / "out")
    assert names(tmp_path / "out") == []


def test_the_song_is_never_overwritten(write_sound, tmp_path):
    song = write_sound(noise(5000), name="vocals.wav")
    with pytest.raises(InputError, match="overwrite"):
        SpleeterSeparator().separate(song, tmp_path)


def test_a_file_where_the_folder_should_be(write_sound, tmp_path):
    song = write_sound(noise(50_000))
    with pytest.raises(InputError, match="is a file"):
        SpleeterSeparator().separate(song, song)
