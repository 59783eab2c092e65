"""Songs in and films out, with real ffmpeg and files made on the spot."""

from __future__ import annotations

import errno
import os
import signal
import struct
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline import film_writer
from pipeline.errors import Cancelled, InputError, MissingError
from pipeline.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path, read_from
from pipeline.media import (
    FilmSettings,
    FilmWriter,
    excerpt_duration_s,
    probe_audio,
    probe_video,
    read_audio,
    read_audio_blocks,
    read_frames,
)
from pipeline.output_files import new_part

TONE_HZ = 440.0
QUICK = FilmSettings(preset="ultrafast", threads=1)


def ffmpeg(*arguments: object) -> None:
    subprocess.run([ffmpeg_path(), "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def tone(duration_s: float, sample_rate_hz: int = 44100, channels: int = 2) -> np.ndarray:
    times = np.arange(round(duration_s * sample_rate_hz)) / sample_rate_hz
    return np.repeat(0.5 * np.sin(2 * np.pi * TONE_HZ * times)[:, None], channels, axis=1).astype(np.float32)


def noise(duration_s: float, sample_rate_hz: int = 44100, channels: int = 2) -> np.ndarray:
    shape = (round(duration_s * sample_rate_hz), channels)
    return np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)


def loudest_hz(sound: np.ndarray, sample_rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * sample_rate_hz / len(sound))


@pytest.fixture(scope="module")
def wav(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, tone(2.0), 44100, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def noise_song(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("song") / "noise.flac"
    soundfile.write(path, noise(3.0), 44100)
    return path


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


@pytest.fixture
def started(monkeypatch) -> list[subprocess.Popen]:
    """Every process that is started, for a look at how it ended."""
    processes: list[subprocess.Popen] = []
    popen = subprocess.Popen

    def remember(*arguments, **options):
        processes.append(popen(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr("pipeline.ffmpeg_run.subprocess.Popen", remember)
    return processes


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


def test_a_chatty_log_blocks_nothing_and_its_end_is_kept():
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


COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128), (224, 172, 138), (92, 58, 40)]


def colour_frame(width: int = 256, height: int = 64) -> np.ndarray:
    frame = np.zeros((height, width, 3), np.uint8)
    step = width // len(COLOURS)
    for index, colour in enumerate(COLOURS):
        frame[:, index * step : (index + 1) * step] = colour
    return frame


def atoms(path: Path) -> list[str]:
    """Names of the file's outermost boxes, in their order."""
    content, names, at = path.read_bytes(), [], 0
    while at + 8 <= len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        if size == 1:
            size = struct.unpack_from(">Q", content, at + 8)[0]
        names.append(name.decode("latin1"))
        at += size
    return names


def test_a_film_is_what_browsers_play(tmp_path, noise_song):
    path = tmp_path / "film.mp4"
    frame = colour_frame()
    with FilmWriter(path, (256, 64), 25, noise_song, title='Song = "x"; #1 \\ é') as writer:
        assert writer.frames == 75
        for _ in range(writer.frames):
            writer.write(frame)
    assert names_in(tmp_path) == ["film.mp4"]
    info = probe_video(path)
    assert (info.width, info.height, info.fps, info.frames, info.duration_s) == (256, 64, 25.0, 75, 3.0)
    assert info.constant_rate
    assert (info.video_codec, info.profile, info.pixel_format) == ("h264", "High", "yuv420p")
    assert "tv" in info.colours
    assert "bt709" in info.colours
    assert (info.audio_codec, info.audio_sample_rate_hz, info.audio_layout) == ("aac", 48000, "stereo")
    assert info.metadata["title"] == 'Song = "x"; #1 \\ é'
    assert info.metadata["comment"].startswith("AI-generated")
    source = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    assert info.metadata["Iptc4xmpExt:DigitalSourceType"] == source
    order = atoms(path)
    assert order.index("moov") < order.index("mdat")
    assert path.stat().st_mode & 0o077 == 0o066 & ~current_umask()
    middles = slice(16, None, 32)
    for shown in read_frames(path):
        assert shown.shape == (64, 256, 3)
        assert np.abs(shown[32, middles].astype(int) - COLOURS).max() <= 3


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_colours_by_another_decoder(tmp_path, noise_song):
    """The planes themselves follow ITU-R BT.709 in limited range, computed here from the standard's coefficients."""
    path = tmp_path / "film.mp4"
    with FilmWriter(path, (256, 64), 10, noise_song, duration_s=1.0) as writer:
        for _ in range(writer.frames):
            writer.write(colour_frame())
    command = [ffmpeg_path(), "-v", "error", "-i", str(path), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"]
    planes = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)
    luma = planes[: 64 * 256].reshape(64, 256)[32, 16::32]
    blue = planes[64 * 256 :][: 32 * 128].reshape(32, 128)[16, 8::16]
    red = planes[64 * 256 + 32 * 128 :].reshape(32, 128)[16, 8::16]
    rgb = np.array(COLOURS) / 255
    brightness = rgb @ [0.2126, 0.7152, 0.0722]
    assert np.abs(luma - (16 + 219 * brightness)).max() <= 2
    assert np.abs(blue - (128 + 224 * (rgb[:, 2] - brightness) / 1.8556)).max() <= 2
    assert np.abs(red - (128 + 224 * (rgb[:, 0] - brightness) / 1.5748)).max() <= 2


@pytest.mark.parametrize(
    ("fps", "start_s", "duration_s"), [(25, 0.0, None), (30000 / 1001, 0.3, 1.013), (24, 1.0, 1.77), (60, 0, 0.5)]
)
def test_the_film_is_as_long_as_the_song(tmp_path, noise_song, fps, start_s, duration_s):
    path = tmp_path / "film.mp4"
    with FilmWriter(path, (32, 32), fps, noise_song, start_s, duration_s, settings=QUICK) as writer:
        for index in range(writer.frames):
            writer.write(np.full((32, 32, 3), index % 256, np.uint8))
    expected_s = duration_s or 3.0
    assert probe_audio(path).duration_s == pytest.approx(expected_s, abs=1.01 / 48000)
    info = probe_video(path)
    assert info.constant_rate
    assert info.fps == pytest.approx(fps, rel=1e-4)
    assert abs(info.duration_s - expected_s) <= 0.5 / fps + 1e-6
    grey = [int(frame[16, 16, 0]) for frame in read_frames(path)]
    assert np.abs(np.array(grey) - np.arange(len(grey))).max() <= 2  # every frame once, in order


def test_the_sound_is_the_song_in_step(tmp_path):
    """Clicks lie where they lie in the song, and the sound between them is the song's own."""
    clicks = np.zeros((3 * 44100, 2), np.float32)
    places_s = [0.25, 1.0, 1.6, 2.4]
    for place_s in places_s:
        clicks[round(place_s * 44100)] = 0.9
    soundfile.write(tmp_path / "clicks.wav", clicks, 44100)
    with FilmWriter(tmp_path / "f.mp4", (32, 32), 25, tmp_path / "clicks.wav", start_s=0.2, settings=QUICK) as writer:
        for _ in range(writer.frames):
            writer.write(np.zeros((32, 32, 3), np.uint8))
    heard = np.abs(read_audio(tmp_path / "f.mp4", 48000, 1)[:, 0])
    for place_s in places_s:
        first = round((place_s - 0.2 - 0.04) * 48000)
        found = first + int(np.argmax(heard[first : first + round(0.08 * 48000)]))
        assert found / 48000 + 0.2 == pytest.approx(place_s, abs=0.0005)


def test_mono_songs_become_stereo_films(tmp_path):
    soundfile.write(tmp_path / "mono.wav", tone(1.0, channels=1), 44100)
    with FilmWriter(tmp_path / "f.mp4", (32, 32), 10, tmp_path / "mono.wav", settings=QUICK) as writer:
        for _ in range(writer.frames):
            writer.write(np.zeros((32, 32, 3), np.uint8))
    assert probe_video(tmp_path / "f.mp4").audio_layout == "stereo"
    sound = read_audio(tmp_path / "f.mp4", 48000, 2)[4800:-4800]
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.02)
    assert np.abs(sound[:, 0] - sound[:, 1]).max() < 0.01


def write_some(writer: FilmWriter, count: int) -> None:
    for _ in range(count):
        writer.write(np.zeros((32, 32, 3), np.uint8))


@pytest.mark.parametrize("trouble", [Cancelled("Stopped."), KeyboardInterrupt(), ZeroDivisionError()])
def test_nothing_is_left_after_trouble(tmp_path, wav, started, trouble):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"an older film")
    with pytest.raises(type(trouble)), FilmWriter(path, (32, 32), 25, wav, settings=QUICK) as writer:
        write_some(writer, 10)
        assert len(names_in(tmp_path)) == 2
        raise trouble
    assert names_in(tmp_path) == ["film.mp4"]
    assert path.read_bytes() == b"an older film"
    assert all(process.poll() is not None for process in started)


def test_too_few_or_wrong_frames_are_a_mistake(tmp_path, wav):
    with (
        pytest.raises(ValueError, match="10 frames were written; 50 belong"),
        FilmWriter(tmp_path / "f.mp4", (32, 32), 25, wav, settings=QUICK) as writer,
    ):
        write_some(writer, 10)
    for count in (47, 48, 52, 53, 55):  # one more or less is the rounding of a length; two are a hole
        with (
            pytest.raises(ValueError, match=f"{count} frames were written; 50 belong"),
            FilmWriter(tmp_path / "f.mp4", (32, 32), 25, wav, settings=QUICK) as writer,
        ):
            write_some(writer, count)
    with pytest.raises(ValueError, match="is expected"), FilmWriter(tmp_path / "f.mp4", (32, 64), 25, wav) as writer:
        write_some(writer, 1)
    with pytest.raises(ValueError, match="even"):
        FilmWriter(tmp_path / "f.mp4", (33, 32), 25, wav)
    assert names_in(tmp_path) == []


def test_unwritable_targets_are_one_sentence(tmp_path, wav):
    with pytest.raises(InputError, match="can't be written"), FilmWriter(tmp_path / "no" / "f.mp4", (32, 32), 25, wav):
        pass
    with pytest.raises(InputError, match="does not exist"):
        FilmWriter(tmp_path / "f.mp4", (32, 32), 25, tmp_path / "no.wav")


def test_a_dying_encoder_is_one_sentence(tmp_path, wav, started):
    with (
        pytest.raises(InputError, match="can't be written"),
        FilmWriter(tmp_path / "f.mp4", (32, 32), 25, wav, settings=QUICK) as writer,
    ):
        write_some(writer, 1)
        probing = len(started)
        started[probing - 1].kill()
        started[probing - 1].wait()
        write_some(writer, 49)
    assert names_in(tmp_path) == []


KILLED = """
import os, signal, sys
import numpy as np
from pathlib import Path
from pipeline.media import FilmWriter
with FilmWriter(Path(sys.argv[1]), (32, 32), 25, Path(sys.argv[2])) as writer:
    writer.write(np.zeros((32, 32, 3), np.uint8))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def wait_until_nobody_writes(path: Path) -> None:
    """Wait for the orphaned ffmpeg, which ends by itself when its input does."""
    until = time.monotonic() + 60
    while str(path) in subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True, check=True).stdout:
        assert time.monotonic() < until, "ffmpeg goes on for a minute though its input has ended"
        time.sleep(0.05)
    assert path.stat().st_size > 0


def test_what_a_killed_run_leaves_goes_with_the_next(tmp_path, wav, root_dir):
    path = tmp_path / "film.mp4"
    subprocess.run([sys.executable, "-c", KILLED, str(path), str(wav)], cwd=root_dir, check=False)
    assert not path.exists()
    assert len(names_in(tmp_path)) == 1
    wait_until_nobody_writes(tmp_path / names_in(tmp_path)[0])
    with FilmWriter(path, (32, 32), 25, wav, settings=QUICK) as writer:
        write_some(writer, writer.frames)
    assert names_in(tmp_path) == ["film.mp4"]


def test_two_runs_for_one_film_do_not_disturb_each_other(tmp_path, wav):
    path = tmp_path / "film.mp4"
    with FilmWriter(path, (32, 32), 25, wav, settings=QUICK) as first:
        write_some(first, 10)
        with FilmWriter(path, (32, 32), 25, wav, settings=QUICK) as second:
            write_some(second, second.frames)
        write_some(first, first.frames - 10)
    assert probe_video(path).frames == 50
    assert names_in(tmp_path) == ["film.mp4"]


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and flock is not what Windows has")
def test_a_film_is_written_to_a_disk_without_locks_as_well(tmp_path, wav, monkeypatch):
    def refuse(*given):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    left = tmp_path / ".film.mp4.abc.part"
    left.write_bytes(b"x")
    before = descriptors()
    with FilmWriter(tmp_path / "film.mp4", (32, 32), 25, wav, settings=QUICK) as writer:
        write_some(writer, writer.frames)
    assert names_in(tmp_path) == [left.name, "film.mp4"], "nobody can tell whether the other part is in use"
    assert descriptors() == before


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_film_that_cannot_be_begun_leaves_no_part_and_no_descriptor(tmp_path, wav, monkeypatch):
    def fail(*given, **named):
        raise OSError(errno.EIO, "Input/output error")

    writer = FilmWriter(tmp_path / "film.mp4", (32, 32), 25, wav, settings=QUICK)
    before = descriptors()
    for place in ("hold", "Ffmpeg", "widen"):
        with monkeypatch.context() as patched:
            patched.setattr(film_writer, place, fail)
            with pytest.raises(OSError, match="Input/output"), writer:
                pass
        assert names_in(tmp_path) == [] and descriptors() == before, place


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_encoder_that_does_not_end_keeps_no_part(tmp_path, wav, monkeypatch, caplog):
    """It hangs in the system, on a disk that does not answer, and outlasts even a kill."""
    writer = FilmWriter(tmp_path / "film.mp4", (32, 32), 25, wav, settings=QUICK)
    before = descriptors()
    real = subprocess.Popen.wait

    def hang(process, timeout=None):
        if timeout is not None:
            raise subprocess.TimeoutExpired("ffmpeg", timeout)
        return real(process)

    with monkeypatch.context() as patched:
        patched.setattr(subprocess.Popen, "wait", hang)
        with pytest.raises(Cancelled), writer:
            write_some(writer, 3)
            raise Cancelled("Stopped.")
    assert names_in(tmp_path) == [] and descriptors() == before
    assert "does not end" in caplog.text


def test_the_log_of_a_writer_never_blocks_it(tmp_path):
    """A writer's ffmpeg that says much while it is fed."""
    chatty = "import sys\nwhile sys.stdin.buffer.read(1000): sys.stderr.write('z' * 10000)"
    with Ffmpeg([sys.executable, "-c", chatty], feeds=True) as run:
        for _ in range(300):
            run.stdin.write(bytes(1000))
        run.stdin.close()
        run.wait()


def test_reading_films(tmp_path, wav):
    with pytest.raises(InputError, match="no pictures"):
        probe_video(wav)
    with pytest.raises(InputError, match="no pictures"):
        next(read_frames(wav))
    with pytest.raises(InputError, match="does not exist"):
        next(read_frames(tmp_path / "no.mp4"))
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:d=1:r=10", "-c:v", "libx264", "-pix_fmt", "yuv420p", tmp_path / "silent.mp4")
    info = probe_video(tmp_path / "silent.mp4")
    assert (info.frames, info.fps, info.audio_codec, info.audio_sample_rate_hz) == (10, 10.0, "", 0)
    frames = read_frames(tmp_path / "silent.mp4")
    assert next(frames).flags.writeable
    frames.close()


def test_part_files_of_other_films_are_left_alone(tmp_path, wav):
    descriptor, other = new_part(tmp_path / "other.mp4")
    os.close(descriptor)
    film_writer.remove_left_parts(tmp_path / "film.mp4")
    assert other.exists()
    film_writer.remove_left_parts(tmp_path / "other.mp4")
    assert not other.exists()


def test_shared_songs(shared_dir):
    for path in sorted((shared_dir / "songs").glob("*.flac")):
        assert probe_audio(path).duration_s == soundfile.info(path).duration
    mp3 = probe_audio(shared_dir / "songs" / "spleeter_example.mp3")
    assert mp3.duration_s == pytest.approx(10.9, abs=0.1)
