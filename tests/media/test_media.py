"""Songs in and films out, with real ffmpeg and files made on the spot."""

from __future__ import annotations

import signal
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import InputError, MissingError
from media.ffmpeg_run import FfmpegError, ffmpeg_path, read_from
from media.media import (
    FilmWriter,
    excerpt_duration_s,
    probe_audio,
    probe_video,
    read_audio,
    read_audio_blocks,
)
from tests.media.sounds import QUICK, TONE_HZ, ffmpeg, loudest_hz, noise, tone

SOUND_KINDS = {
    "mp3": (["-c:a", "libmp3lame"], "mp3", 0.06),  # LAME makes it 5 % softer of its own will
    "wav": ([], "pcm_s16le", 0.0),
    "flac": (["-c:a", "flac"], "flac", 0.0),
    "m4a": (["-c:a", "aac"], "aac", 0.03),
    "aac": (["-c:a", "aac", "-f", "adts"], "aac", 0.06),
    "ogg": (["-c:a", "libvorbis"], "vorbis", 0.01),
    "opus": (["-c:a", "libopus"], "opus", 0.03),
    "wma": (["-c:a", "wmav2"], "wmav2", 0.06),
    "ac3": ([], "ac3", 0.04),
    "eac3": ([], "eac3", 0.04),
    "dts": (["-strict", "-2"], "dts", 0.02),
    "au": ([], "pcm_s16be", 0.0),
    "wv": ([], "wavpack", 0.0),
    "caf": ([], "pcm_s16be", 0.0),
    "tta": ([], "tta", 0.0),
    "mka": (["-c:a", "flac"], "flac", 0.0),
    "aiff": ([], "pcm_s16be", 0.0),
    "voc": (["-c:a", "pcm_s16le"], "pcm_s16le", 0.0),
    "nut": (["-c:a", "pcm_s16le"], "pcm_s16le", 0.01),
}

FILM_KINDS = {
    "avi": (["-c:v", "mjpeg", "-c:a", "pcm_s16le"], "pcm_s16le"),
    "flv": (["-c:v", "flv", "-c:a", "libmp3lame"], "mp3"),
    "ts": (["-c:v", "libx264", "-c:a", "aac"], "aac"),
    "m2ts": (["-c:v", "libx264", "-c:a", "ac3"], "ac3"),
    "mpg": (["-c:v", "mpeg2video", "-r", "25", "-c:a", "mp2"], "mp2"),
    "wmv": (["-c:v", "wmv2", "-c:a", "wmav2"], "wmav2"),
    "mp4": (["-c:v", "libx264", "-c:a", "aac"], "aac"),
    "mov": (["-c:v", "libx264", "-c:a", "pcm_s16le"], "pcm_s16le"),
    "webm": (["-c:v", "libvpx", "-c:a", "libopus"], "opus"),
    "mkv": (["-c:v", "libx264", "-c:a", "flac"], "flac"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", SOUND_KINDS)
def test_songs_of_every_kind(tmp_path, wav, kind):
    options, codec, tolerance_s = SOUND_KINDS[kind]
    path = tmp_path / f"song.{kind}"
    ffmpeg("-i", wav, *options, path)
    path = path.rename(tmp_path / "song")  # the name says nothing
    info = probe_audio(path)
    assert info.codec == codec
    assert info.channels == 2
    assert info.sample_rate_hz == (48000 if kind == "opus" else 44100)
    assert info.duration_s == pytest.approx(2.0, abs=tolerance_s + 1e-9)
    sound = read_audio(path, 16000, 1)
    assert sound.dtype == np.float32
    assert sound.shape == (pytest.approx(info.duration_s * 16000, abs=1), 1)
    assert loudest_hz(sound, 16000) == pytest.approx(TONE_HZ, abs=1.0)
    assert np.sqrt((sound[4000:-4000] ** 2).mean()) == pytest.approx(0.5 / np.sqrt(2), rel=0.06)


@pytest.mark.parametrize("kind", FILM_KINDS)
def test_the_sound_of_films(tmp_path, wav, kind):
    options, codec = FILM_KINDS[kind]
    path = tmp_path / f"film.{kind}"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:d=2:r=10", "-i", wav, *options, path)
    path = path.rename(tmp_path / "film")  # the name says nothing
    assert probe_audio(path).codec == codec
    assert probe_audio(path).duration_s == pytest.approx(2.0, abs=0.05)


def test_the_sound_of_telephones(tmp_path, wav):
    """AMR knows one channel and 8 kHz alone, so that it is no row of the table above."""
    ffmpeg("-i", wav, "-ac", 1, "-ar", 8000, "-c:a", "libopencore_amrnb", tmp_path / "song.amr")
    path = (tmp_path / "song.amr").rename(tmp_path / "song")
    info = probe_audio(path)
    assert (info.codec, info.channels, info.sample_rate_hz) == ("amr_nb", 1, 8000)
    assert info.duration_s == pytest.approx(2.0, abs=0.03)
    assert loudest_hz(read_audio(path, 16000, 1), 16000) == pytest.approx(TONE_HZ, abs=1.0)


def test_a_cover_picture_in_the_song_does_no_harm(tmp_path, wav):
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:d=0.1:r=10", "-frames:v", 1, tmp_path / "cover.png")
    ffmpeg(
        "-i", wav, "-i", tmp_path / "cover.png", "-map", 0, "-map", 1, "-c:a", "libmp3lame", "-c:v", "copy", tmp_path / "s.mp3"
    )
    assert probe_audio(tmp_path / "s.mp3").duration_s == pytest.approx(2.0, abs=0.06)


def test_a_lying_header_is_not_believed(tmp_path, wav):
    ffmpeg("-i", wav, "-c:a", "libmp3lame", tmp_path / "a.mp3")
    once = (tmp_path / "a.mp3").read_bytes()
    (tmp_path / "twice.mp3").write_bytes(once + once[once.index(b"\xff\xfb") :])  # the header still speaks of the first half
    assert probe_audio(tmp_path / "twice.mp3").duration_s > 3.9


def test_a_changed_file_is_probed_anew(tmp_path):
    path = tmp_path / "song.wav"
    for duration_s in (1.0, 2.0):
        soundfile.write(path, tone(duration_s), 44100)
        assert probe_audio(path).duration_s == duration_s


def test_excerpts_are_exact_to_the_sample(noise_song):
    whole, _ = soundfile.read(noise_song, dtype="float32")
    part = read_audio(noise_song, 44100, 2, start_s=1.2345, duration_s=0.75)
    first = round(1.2345 * 44100)
    np.testing.assert_allclose(part, whole[first : first + round(0.75 * 44100)], atol=1e-6)
    assert len(read_audio(noise_song, 44100, 2, start_s=2.5, duration_s=9.0)) == round(0.5 * 44100)
    assert read_audio(noise_song, 44100, 2, start_s=3.5).shape == (0, 2)
    assert len(read_audio(noise_song, 16000, 1, 0.5, 1.0)) == 16000


def test_blocks_join_to_the_whole(noise_song):
    blocks = list(read_audio_blocks(noise_song, 22050, 2, 1000))
    assert {len(block) for block in blocks[:-1]} == {1000}
    assert 0 < len(blocks[-1]) <= 1000
    np.testing.assert_array_equal(np.concatenate(blocks), read_audio(noise_song, 22050, 2))
    assert blocks[0].flags.writeable


def test_mono_becomes_stereo_at_full_level_and_stereo_mono_is_the_mean(tmp_path):
    mono = noise(1.0, channels=1)
    soundfile.write(tmp_path / "mono.wav", mono, 44100, subtype="FLOAT")
    stereo = read_audio(tmp_path / "mono.wav", 44100, 2)
    np.testing.assert_allclose(stereo, np.repeat(mono, 2, axis=1), atol=1e-6)
    both = noise(1.0)
    soundfile.write(tmp_path / "stereo.wav", both, 44100, subtype="FLOAT")
    np.testing.assert_allclose(read_audio(tmp_path / "stereo.wav", 44100, 1)[:, 0], both.mean(axis=1), atol=1e-6)


def test_sounds_that_are_no_numbers_are_silent(tmp_path):
    sound = tone(1.0)
    sound[100:200, 0], sound[300] = np.nan, np.inf
    soundfile.write(tmp_path / "n.wav", sound, 44100, subtype="FLOAT")
    read = read_audio(tmp_path / "n.wav", 44100, 2)
    assert np.isfinite(read).all()
    np.testing.assert_allclose(read[1000:], sound[1000:], atol=1e-6)


def test_surround_is_mixed_down_without_clipping(tmp_path):
    ffmpeg("-f", "lavfi", "-i", "aevalsrc=0.9|0.9|0.9|0.9|0.9|0.9:d=1:c=5.1:s=48000", "-c:a", "flac", tmp_path / "s.flac")
    assert probe_audio(tmp_path / "s.flac").channels == 6
    sound = read_audio(tmp_path / "s.flac", 48000, 2)
    assert 0.5 < np.abs(sound[1000:-1000]).max() <= 0.901


ODD_NAMES = ["-i evil.wav", "a:b.wav", 'it\'s "odd".wav', "100%d.wav", "ünï çø∂e.wav", "two\nlines.wav", "concat:a|b.wav"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_only_names(tmp_path, monkeypatch, wav, name):
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(wav.read_bytes())
    for path in (Path(name), tmp_path / name):
        assert probe_audio(path).duration_s == 2.0
        assert len(read_audio(path, 8000, 1)) == 16000
    with FilmWriter(Path(f"{name}.mp4"), (32, 32), 10, Path(name), settings=QUICK) as writer:
        for _ in range(writer.frames):
            writer.write(np.zeros((32, 32, 3), np.uint8))
    assert probe_video(Path(f"{name}.mp4")).frames == 20


def make_refusals(folder: Path, wav: Path) -> dict[str, tuple[Path, str]]:
    """Name to (path, words of the sentence)."""
    files = {
        "empty": b"",
        "text": b"No song at all.\n" * 200,
        "garbage": np.random.default_rng(1).integers(0, 255, 20000, dtype=np.uint8).tobytes(),
        "playlist": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{wav}\n#EXT-X-ENDLIST\n".encode(),
        "concat": f"ffconcat version 1.0\nfile '{wav}'\n".encode(),
        "riff head only": wav.read_bytes()[:44],
    }
    for name, content in files.items():
        (folder / f"{name}.mp3").write_bytes(content)
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:d=1:r=10", "-c:v", "libx264", folder / "silent film.mp4")
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:d=1:r=10", "-frames:v", 1, folder / "picture.png")
    ffmpeg("-i", wav, "-c:a", "aac", folder / "whole.m4a")
    (folder / "truncated.m4a").write_bytes((folder / "whole.m4a").read_bytes()[:-3000])
    soundfile.write(folder / "short.wav", tone(0.4), 44100)
    accepted = "MP3, WAV, FLAC"
    cases = {name: (folder / f"{name}.mp3", accepted) for name in files}
    return {
        **cases,
        "text": (folder / "text.mp3", "is a text, not a song"),
        "playlist": (folder / "playlist.mp3", "is a playlist, not a song"),
        "concat": (folder / "concat.mp3", "is a playlist, not a song"),
        "empty": (folder / "empty.mp3", "is empty"),
        "missing": (folder / "nothing.mp3", "does not exist"),
        "folder": (folder, "is not a file"),
        "silent film": (folder / "silent film.mp4", "has no sound in it"),
        "picture": (folder / "picture.png", "is a PNG picture, not a song"),
        "truncated": (folder / "truncated.m4a", "damaged"),
        "short": (folder / "short.wav", "lasts only 0.40 s; at least 0.5 s"),
    }


REFUSED = ["empty", "text", "garbage", "playlist", "concat", "riff head only", "missing", "folder", "silent film", "picture"]


@pytest.mark.parametrize("name", [*REFUSED, "truncated", "short"])
def test_refusals_are_one_sentence(tmp_path, wav, name):
    path, words = make_refusals(tmp_path, wav)[name]
    with pytest.raises(InputError) as caught:
        probe_audio(path)
    message = str(caught.value)
    assert words in message
    assert message.startswith(("The song", "The file"))
    assert message.endswith(".")
    assert "\n" not in message
    if name != "short":
        with pytest.raises(InputError):
            read_audio(path, 16000, 1)


def test_excerpt_lengths(wav):
    assert excerpt_duration_s(wav) == 2.0
    assert excerpt_duration_s(wav, 0.5) == 1.5
    assert excerpt_duration_s(wav, 0.5, 1.0) == 1.0
    assert excerpt_duration_s(wav, 0.5, 60.0) == 1.5
    with pytest.raises(InputError, match=r"can't begin at 1\.8 s"):
        excerpt_duration_s(wav, 1.8)
    with pytest.raises(InputError, match="too short"):
        excerpt_duration_s(wav, 0.0, 0.2)


def test_closing_early_ends_ffmpeg(noise_song, started):
    blocks = read_audio_blocks(noise_song, 44100, 2, 100)
    next(blocks)
    assert started[0].poll() is None
    blocks.close()
    assert started[0].returncode == -signal.SIGKILL


def test_an_error_of_the_reader_ends_ffmpeg(noise_song, started):
    with pytest.raises(ZeroDivisionError):
        for _ in read_audio_blocks(noise_song, 44100, 2, 100):
            raise ZeroDivisionError
    assert started[0].poll() is not None


def test_a_chatty_log_blocks_nothing_and_its_end_is_kept(monkeypatch):
    monkeypatch.setenv("BELCANTO_SANDBOX", "off")  # another program stands in for ffmpeg, which no box is made for
    chatty = "import sys; sys.stderr.write('x' * 3_000_000 + '\\nthe reason'); sys.stdout.write('y' * 3_000_000); sys.exit(3)"
    with pytest.raises(FfmpegError, match="the reason") as caught, read_from([sys.executable, "-c", chatty]) as run:
        assert len(run.stdout.read()) == 3_000_000
    assert caught.value.exit_code == 3
    assert len(caught.value.log) <= 64 * 1024


def test_a_missing_ffmpeg_is_said(monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "")
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", lambda: (_ for _ in ()).throw(RuntimeError("No ffmpeg exe")))
    with pytest.raises(MissingError, match="pip install imageio-ffmpeg"):
        ffmpeg_path()


def test_memory_does_not_grow_with_the_song(tmp_path):
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo", "-t", 300, "-c:a", "flac", tmp_path / "long.flac")
    tracemalloc.start()
    samples = sum(len(block) for block in read_audio_blocks(tmp_path / "long.flac", 44100, 2, 44100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert samples == 300 * 44100
    assert peak < 4e6  # the whole would be 106 MB


def test_shared_songs(shared_dir):
    for path in sorted((shared_dir / "songs").glob("*.flac")):
        assert probe_audio(path).duration_s == soundfile.info(path).duration
    mp3 = probe_audio(shared_dir / "songs" / "spleeter_example.mp3")
    assert mp3.duration_s == pytest.approx(10.9, abs=0.1)
