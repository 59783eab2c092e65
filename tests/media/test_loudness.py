"""Quiet songs are heard like loud ones; songs that go beyond full scale are kept from clipping, and it is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from core.contracts import BLENDSHAPE_INDEX
from media.headroom import Headroom, headroom_notes, headroom_of
from media.loudness import gain_of_quiet_sound, gain_of_quiet_voice, loudest_moment_db
from media.media import FilmSettings, FilmWriter, probe_audio, read_audio
from media.sound_reader import AudioInfo
from motion.files.motion_csv import read_motion_csv
from pipeline.__main__ import main
from pipeline.film_settings import SongToVideoSettings
from pipeline.voice_to_motion import voice_to_motion

RATE_HZ = 44100
QUICK = FilmSettings(preset="ultrafast", threads=1)


def test_the_loudest_moment_is_that_of_a_tone():
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16000 * 3) / 16000)
    sound = np.stack([tone, -tone], axis=1).astype(np.float32)
    sound[: 16000 * 2] *= 0.1
    assert loudest_moment_db(np.array_split(sound, 11), 16000) == pytest.approx(10 * np.log10(0.125), abs=0.01)
    assert loudest_moment_db([np.zeros((100, 2), np.float32)], 16000) == -np.inf


@pytest.mark.parametrize(("level_db", "raised"), [(-12, False), (-25, False), (-42, True), (-70, True), (-96, False)])
def test_only_quiet_sounds_are_turned_up(tmp_path, level_db, raised):
    noise = np.random.default_rng(0).normal(size=16000) * 10 ** (level_db / 20)
    soundfile.write(tmp_path / "s.wav", noise.astype(np.float32), 16000, subtype="FLOAT")
    gain = gain_of_quiet_sound(tmp_path / "s.wav")
    assert (gain != 1.0) == raised
    if raised:
        assert level_db + 20 * np.log10(gain) == pytest.approx(-15, abs=1.5)


@pytest.mark.slow
@pytest.mark.parametrize("level_db", [-42, -60])
def test_a_quiet_voice_sings_as_a_loud_one(tmp_path, shared_dir, level_db):
    """The case that was found: at -42 dB the mouth stayed shut without a word."""
    from metrics.envelope import music_only_passages, voice_envelope
    from motion.singing.runner import SingingMotion, SingingSettings

    sound, rate_hz = soundfile.read(shared_dir / "songs" / "song_10_voice.flac", dtype="float32", always_2d=True)
    source = SingingMotion(SingingSettings(lips="features"))
    jaws, passages = [], []
    for target_db in (-12, level_db):
        path = tmp_path / f"{-target_db}.wav"
        soundfile.write(path, sound / np.abs(sound).max() * 10 ** (target_db / 20), rate_hz, subtype="FLOAT")
        jaws.append(source.motion(path, path, 25.0, 300).blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]])
        passages.append(music_only_passages(voice_envelope(path)))
    assert jaws[0].max() > 0.3
    assert np.corrcoef(*jaws)[0, 1] > 0.99
    assert jaws[1].mean() == pytest.approx(jaws[0].mean(), rel=0.05)
    np.testing.assert_allclose(passages[1], passages[0], atol=0.05)


@pytest.fixture(scope="module")
def jaw_beside_a_loud_mix(tmp_path_factory, shared_dir):
    """Gives the jaw of a voice of which the film's song says nothing: jaw(peak of the voice in dB), of every frame."""
    folder, songs = tmp_path_factory.mktemp("voices"), shared_dir / "songs"
    sound, rate_hz = soundfile.read(songs / "song_10_voice.flac", dtype="float32", always_2d=True)

    def jaw(level_db):
        voice, out = folder / f"{-level_db}.wav", folder / f"{-level_db}.csv"
        soundfile.write(voice, sound / np.abs(sound).max() * 10 ** (level_db / 20), rate_hz, subtype="FLOAT")
        settings = SongToVideoSettings(lips="features", duration_s=12.0)
        assert voice_to_motion(voice, songs / "song_10_mix.flac", out, settings).notes == ()
        return read_motion_csv(out)[0].blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]]

    return jaw


@pytest.fixture(scope="module")
def loud_jaw(jaw_beside_a_loud_mix):
    """That of a voice at its usual level."""
    return jaw_beside_a_loud_mix(-3)


@pytest.mark.parametrize("level_db", [-28, -42, -58])
def test_a_quiet_voice_alone_sings_beside_a_loud_mix(jaw_beside_a_loud_mix, loud_jaw, level_db):
    """A voice that was recorded for itself opens the mouth as at its usual level."""
    jaw = jaw_beside_a_loud_mix(level_db)
    assert loud_jaw.max() > 0.3
    assert np.corrcoef(loud_jaw, jaw)[0, 1] > 0.98
    assert jaw.mean() == pytest.approx(loud_jaw.mean(), rel=0.1)


def test_what_is_left_in_the_voice_of_a_song_without_one_is_not_turned_up(tmp_path, shared_dir):
    """Music that a separator left in its stem: silent to the singer in the song, and far under the mix for a voice alone too."""
    from motion.singing.runner import SingingMotion, SingingSettings

    mix = shared_dir / "songs" / "song_10_accompaniment.flac"
    sound, rate_hz = soundfile.read(mix, dtype="float32", always_2d=True)
    source = SingingMotion(SingingSettings(lips="features"))
    for level_db, alone in ((-18, False), (-30, False), (-62, True)):
        stem = tmp_path / f"{-level_db}.wav"
        soundfile.write(stem, sound * 10 ** (level_db / 20), rate_hz, subtype="FLOAT")
        assert source.motion(stem, mix, 25.0, 300, alone=alone).blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]].max() == 0.0


@pytest.mark.parametrize(
    ("voice_db", "mix_db", "gain_db"),
    [(-14, -12, 0), (-20, -12, 0), (-28, -12, 16), (-42, -12, 30), (-42, -42, 27), (-14, -42, 0), (-75, -12, 0), (-96, -96, 0)],
)
def test_a_voice_alone_is_turned_up_to_its_mix(tmp_path, voice_db, mix_db, gain_db):
    for name, level_db in (("voice", voice_db), ("mix", mix_db)):
        noise = np.random.default_rng(0).normal(size=16000) * 10 ** (level_db / 20)
        soundfile.write(tmp_path / f"{name}.wav", noise.astype(np.float32), 16000, subtype="FLOAT")
    gain = gain_of_quiet_voice(tmp_path / "voice.wav", tmp_path / "mix.wav")
    assert 20 * np.log10(gain) == pytest.approx(gain_db, abs=0.5)


def info(peak: float, codec: str) -> AudioInfo:
    return AudioInfo(3.0, RATE_HZ, 2, codec, peak)


def test_only_what_goes_beyond_full_scale_is_made_softer():
    assert headroom_of(info(1.0, "pcm_f32le")) == headroom_of(info(1.2, "mp3")) == Headroom()
    assert headroom_notes(info(1.2, "mp3")) == ()
    assert headroom_of(info(2.4, "pcm_f32le")) == Headroom(0.95 / 2.4, False)
    assert headroom_of(info(40.0, "pcm_f64le")) == Headroom(0.25, True)
    assert "2.4 times" in str(headroom_notes(info(2.4, "pcm_f32le"))[0]) and "8.0 dB softer" in str(
        headroom_notes(info(2.4, "pcm_f32le"))[0]
    )
    assert "limited" in str(headroom_notes(info(40.0, "pcm_f64le"))[0])


def film_sound(folder, sound: np.ndarray) -> np.ndarray:
    soundfile.write(folder / "hot.wav", sound, 48000, subtype="FLOAT")
    with FilmWriter(folder / "f.mp4", (32, 32), 10, folder / "hot.wav", settings=QUICK) as writer:
        for _ in range(writer.frames):
            writer.write(np.zeros((32, 32, 3), np.uint8))
    return read_audio(folder / "f.mp4", 48000, 2)


def hot(seconds: float = 3.0) -> np.ndarray:
    times_s = np.arange(round(seconds * 48000)) / 48000
    sound = np.sin(2 * np.pi * 330 * times_s) * (0.3 + 2.1 * (np.sin(2 * np.pi * times_s) > 0))
    return np.repeat(sound[:, None], 2, axis=1).astype(np.float32)


def test_a_hot_song_is_softer_in_the_film_and_not_clipped(tmp_path):
    """The case that was found: a float WAV with a peak of 2.4."""
    sound = hot()
    heard = film_sound(tmp_path, sound)
    assert probe_audio(tmp_path / "hot.wav").peak == pytest.approx(2.4, abs=0.01)
    count = min(len(heard), len(sound))
    inner = slice(2000, count - 2000)
    assert np.corrcoef(heard[inner, 0], sound[inner, 0])[0, 1] > 0.999
    assert np.abs(heard[inner]).max() == pytest.approx(0.95, abs=0.05)
    assert np.std(heard[inner]) / np.std(sound[inner]) == pytest.approx(0.95 / 2.4, rel=0.02)


def test_a_single_spike_does_not_make_the_song_silent(tmp_path):
    sound = hot() / 3
    sound[70000] = 300.0
    heard = film_sound(tmp_path, sound)
    assert np.abs(heard[:60000]).max() == pytest.approx(0.8 * 0.25, abs=0.03)
    assert np.abs(heard).max() < 1.2


def test_an_ordinary_song_stays_as_loud_as_it_is(tmp_path):
    sound = hot() / 2.5
    heard = film_sound(tmp_path, sound)
    assert np.std(heard[2000:140000]) / np.std(sound[2000:140000]) == pytest.approx(1.0, rel=0.02)


@pytest.mark.slow
def test_a_voice_in_which_nobody_sings_is_told(tmp_path):
    noise = 0.1 * np.random.default_rng(0).normal(size=2 * RATE_HZ)
    soundfile.write(tmp_path / "noise.wav", noise.astype(np.float32), RATE_HZ)
    report = voice_to_motion(tmp_path / "noise.wav", None, tmp_path / "m.csv", SongToVideoSettings(lips="features"))
    assert [str(note) for note in report.notes] == ["No singing was heard in the voice: the mouth will stay shut."]


@pytest.mark.slow
def test_the_films_notes_tell_of_a_hot_song(tmp_path, root_dir, capfd):
    sound, rate_hz = soundfile.read(
        root_dir / "demo" / "song.mp3", dtype="float32", always_2d=True, start=10 * 44100, stop=11 * 44100
    )
    soundfile.write(tmp_path / "hot.wav", sound / np.abs(sound).max() * 2.4, rate_hz, subtype="FLOAT")
    arguments = ["sing", "--portrait", str(root_dir / "demo" / "portrait.jpg"), "--song", str(tmp_path / "hot.wav"), "--lips"]
    assert main([*arguments, "features", "--height", "256", "--out", str(tmp_path / "f.mp4"), "--json"]) == 0
    notes = json.loads(capfd.readouterr().out.splitlines()[-1])["notes"]
    assert any("2.4 times what a film's sound can hold" in str(note) and "8.0 dB softer" in str(note) for note in notes)
    heard = read_audio(tmp_path / "f.mp4", 48000, 2)
    assert 0.8 < np.abs(heard).max() < 1.0
