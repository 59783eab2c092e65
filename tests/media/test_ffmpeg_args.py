"""The commands, before any of them runs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from media import ffmpeg_args
from media.ffmpeg_args import FilmJob, FilmSettings

SONG = Path("-i evil: song.mp3")


def job(**changes) -> FilmJob:
    values = {"song": SONG, "song_channels": 2, "width": 64, "height": 48, "fps": 25.0, "start_s": 2.0, "duration_s": 5.0}
    return FilmJob(**{**values, "metadata": {"title": "A = b"}, **changes})


COMMANDS = {
    "probe sound": ffmpeg_args.probe_sound_arguments("ffmpeg", SONG),
    "read sound": ffmpeg_args.read_sound_arguments("ffmpeg", SONG, "anull"),
    "read frames": ffmpeg_args.read_frames_arguments("ffmpeg", SONG),
    "probe video": ffmpeg_args.probe_video_arguments("ffmpeg", SONG),
    "metadata": ffmpeg_args.metadata_arguments("ffmpeg", SONG),
    "film": ffmpeg_args.film_arguments("ffmpeg", Path("out.mp4"), job(), FilmSettings()),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_file_is_opened_with_the_same_guard(name):
    command = COMMANDS[name]
    at = command.index(f"file:{SONG}")
    assert command[at - 5 : at] == ["-protocol_whitelist", "file,pipe", "-format_whitelist", ",".join(ffmpeg_args.FORMATS), "-i"]
    assert str(SONG) not in command
    assert "-nostdin" in command
    assert all(isinstance(part, str) for part in command)


def test_no_playlist_is_among_the_formats():
    assert not {"concat", "hls", "dash", "image2", "lavfi", "sdp", "rtsp", "webm_dash_manifest", "imf"} & set(ffmpeg_args.FORMATS)


def test_excerpt_is_cut_in_samples_after_resampling():
    chain = ffmpeg_args.sound_filter(48000, 2, 2, 1.5, 2.0).split(",")
    assert chain[0].startswith("aresample=48000")
    assert "atrim=start_sample=72000:end_sample=168000" in chain
    assert "atrim=start_sample=0" in ffmpeg_args.sound_filter(16000, 1, 2, 0.0, None).split(",")
    assert ffmpeg_args.sound_filter(48000, 2, 1, 0.0, None).startswith("pan=stereo|c0=c0|c1=c0,aresample")
    with pytest.raises(KeyError):
        ffmpeg_args.sound_filter(48000, 3, 2, 0.0, None)


@pytest.mark.parametrize(("fps", "fraction"), [(25.0, "25"), (30000 / 1001, "30000/1001"), (29.97, "2997/100"), (12.5, "25/2")])
def test_frame_rate_is_exact(fps, fraction):
    assert ffmpeg_args.frame_rate(fps) == Fraction(fraction)


def test_film_command():
    command = ffmpeg_args.film_arguments("ffmpeg", Path("out.mp4"), job(), FilmSettings(21, "fast", 1, 3, 5))
    text = " ".join(command)
    for part in (
        "-f rawvideo -pix_fmt yuv420p -video_size 64x48 -framerate 25 -i pipe:0",
        "-c:v libx264 -profile:v high -preset fast -crf 21 -threads 1",
        "-x264-params subme=3:deadzone-inter=5:deadzone-intra=5 -g 50",
        "-fps_mode cfr -r 25",
        "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv",
        "-c:a aac -b:a 192000",
        "-movflags +faststart+use_metadata_tags -f mp4 -y file:out.mp4",
    ):
        assert part in text
    assert command[command.index("-metadata") + 1] == "title=A = b"
    assert command[command.index("-vf") + 1].startswith("format=yuv420p,setparams=range=limited:colorspace=bt709")
    assert "scale" not in text  # the frames come in a film's colours
    alone = ffmpeg_args.video_arguments(Fraction(25), FilmSettings())
    assert (
        "out_color_matrix=bt709" in alone[1]
        and alone[2:] == ffmpeg_args.video_arguments(Fraction(25), FilmSettings(), "yuv420p")[2:]
    )
    assert "-shortest" not in command  # the sound is cut by count, never by the pictures
