"""Films as they are on the disk: what browsers play, colours, length, and the sound in step."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import InputError
from media.ffmpeg_run import ffmpeg_path
from media.media import (
    FilmWriter,
    probe_audio,
    probe_video,
    read_audio,
    read_frames,
)
from tests.media.sounds import QUICK, ffmpeg, names_in, tone

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
