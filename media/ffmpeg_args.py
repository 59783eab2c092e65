"""Argument lists for ffmpeg, built by pure functions and run by `media/media.py`. No shell ever sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from core.timebase import seconds_to_samples

#: The containers that are opened, which hold all that they play. Playlists (concat, HLS, DASH, SDP) are not among them: they name
#: further files, which is how a song could read a file of this machine or reach the network. Nor are sounds without a head, which
#: could be anything, pictures, and programs (SWF, game music).
SOUND_FORMATS = (
    *("mp3", "wav", "w64", "flac", "aac", "loas", "ogg", "aiff", "caf", "au", "ac3", "eac3", "dts", "dtshd", "truehd", "mlp"),
    *("amr", "wv", "tta", "tak", "ape", "mpc", "mpc8", "voc", "dsf", "iff", "xwma", "sox", "oma", "adx"),
)
FILM_FORMATS = ("mov", "matroska", "avi", "asf", "flv", "mpegts", "mpeg", "rm", "mxf", "nut", "wtv")
FORMATS = (*SOUND_FORMATS, *FILM_FORMATS)
#: The protocols that ffmpeg may use, whatever a file asks for.
PROTOCOLS = ("file", "pipe")
FILM_SAMPLE_RATE_HZ = 48_000
FILM_CHANNELS = 2
#: What ffmpeg calls the pixels of films: luma, and colour differences at half size.
FILM_PIXELS = "yuv420p"

Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"]


@dataclass(frozen=True)
class FilmSettings:
    """How a film is encoded."""

    #: H.264 constant quality: 0 is lossless, 18 is hard to tell from the frames, 28 is rough.
    crf: int = 19
    #: effort of the H.264 encoder; slower makes smaller files, not better pictures.
    preset: Preset = "veryfast"
    #: threads of the H.264 encoder; the renderer needs the other cores.
    threads: int = 2
    #: effort for motion between pixels, 0 to 11. The preset's own is 2; 1 takes a third less of the processor, for as good
    #: a picture in files larger by an eighth (docs/RESULTS.md).
    subpixel_effort: int = 1
    #: how readily fine detail is dropped, 0 to 32. With x264's own 21 and 11 a film keeps hardly two thirds of the detail that
    #: was drawn, with 3 at a higher `crf` nine tenths, and is nearer to the frames too (docs/RESULTS.md).
    deadzone: int = 3
    #: bits per second of the AAC sound.
    audio_bit_rate_bps: int = 192_000
    #: longest distance in seconds between two pictures that a player can jump to.
    keyframe_interval_s: float = 2.0


@dataclass(frozen=True)
class FilmJob:
    """What a film is made of: frames of `width` x `height` px at `fps`, and `duration_s` of the `song` from `start_s` on; without
    a song it is silent."""

    song: Path | None
    song_channels: int
    width: int
    height: int
    fps: float
    start_s: float
    duration_s: float
    metadata: Mapping[str, str]
    #: factor of the song's loudness, and whether what is still above full scale must be limited.
    gain: float = 1.0
    limited: bool = False
    #: a SubRip file that becomes a track of subtitles, which players show on request.
    subtitles: Path | None = None


def global_arguments(ffmpeg: str, log_level: str = "error") -> list[str]:
    """The program with what every call shares: no questions, no banner, no progress line."""
    return [ffmpeg, "-hide_banner", "-nostdin", "-nostats", "-loglevel", log_level]


def file_url(path: Path) -> str:
    """The path as ffmpeg takes it literally: with a leading `-` or a colon it would otherwise be an option or a protocol."""
    return f"file:{path}"


def input_arguments(path: Path) -> list[str]:
    """Open one file given by a user, with the containers and protocols that we allow and no other."""
    return [
        "-protocol_whitelist",
        ",".join(PROTOCOLS),
        "-format_whitelist",
        ",".join(FORMATS),
        "-i",
        file_url(path),
    ]


def sound_filter(sample_rate_hz: int, channels: int, source_channels: int, start_s: float, duration_s: float | None) -> str:
    """Resample, mix to `channels` and cut the excerpt to the sample.

    Samples are counted, time stamps are not believed: what a header says about the beginning of the sound moves nothing. The
    mixing is scaled so that it can't clip. Mono is copied to both sides as it is; ffmpeg alone would make it 3 dB softer.
    """
    layout = {1: "mono", 2: "stereo"}[channels]
    first = seconds_to_samples(start_s, sample_rate_hz)
    cut = f"atrim=start_sample={first}"
    if duration_s is not None:
        cut += f":end_sample={first + seconds_to_samples(duration_s, sample_rate_hz)}"
    spread = ["pan=stereo|c0=c0|c1=c0"] if (source_channels, channels) == (1, 2) else []
    steps = [*spread, f"aresample={sample_rate_hz}:rematrix_maxval=1:ochl={layout}", "asetpts=N/SR/TB", cut, "asetpts=N/SR/TB"]
    return ",".join(steps)


def probe_sound_arguments(ffmpeg: str, path: Path) -> list[str]:
    """Decode the whole sound to a Sun AU stream on stdout, whose head tells rate and channels; the log names the codec."""
    sound = ["-map", "0:a:0", "-map_metadata", "-1", "-c:a", "pcm_f32be", "-f", "au", "pipe:1"]
    return [*global_arguments(ffmpeg, "info"), *input_arguments(path), *sound]


def probe_loudness_arguments(ffmpeg: str, path: Path) -> list[str]:
    """Measure the loudness of the whole sound by EBU R 128; the log's end tells it."""
    measured = ["-map", "0:a:0", "-af", "ebur128=framelog=quiet", "-f", "null", "-"]
    return [*global_arguments(ffmpeg, "info"), *input_arguments(path), *measured]


def read_sound_arguments(ffmpeg: str, path: Path, sound: str) -> list[str]:
    """Decode to interleaved little-endian float32 on stdout; `sound` is the filter of `sound_filter`."""
    return [*global_arguments(ffmpeg), *input_arguments(path), "-map", "0:a:0", "-af", sound, "-f", "f32le", "pipe:1"]


def read_frames_arguments(ffmpeg: str, path: Path) -> list[str]:
    """Decode every picture of a film to PPM pictures on stdout, colours by the film's own tags."""
    scale = "scale=flags=bicubic+accurate_rnd+full_chroma_int,format=rgb24"
    pictures = ["-map", "0:v:0", "-vf", scale, "-fps_mode", "passthrough", "-c:v", "ppm", "-f", "image2pipe", "pipe:1"]
    return [*global_arguments(ffmpeg), *input_arguments(path), *pictures]


def probe_video_arguments(ffmpeg: str, path: Path) -> list[str]:
    """List every video packet on stdout without decoding it; the log describes the streams and the metadata."""
    packets = ["-map", "0:v:0", "-c", "copy", "-f", "framecrc", "pipe:1"]
    return [*global_arguments(ffmpeg, "info"), *input_arguments(path), *packets]


def metadata_arguments(ffmpeg: str, path: Path) -> list[str]:
    """Write the file's metadata to stdout as `key=value` lines."""
    return [*global_arguments(ffmpeg), *input_arguments(path), "-f", "ffmetadata", "pipe:1"]


def frame_rate(fps: float) -> Fraction:
    """The frame rate as an exact fraction, so that 29.97003 is 30000/1001."""
    return Fraction(fps).limit_denominator(1001)


def film_arguments(ffmpeg: str, target: Path, job: FilmJob, settings: FilmSettings) -> list[str]:
    """Take frames in a film's colours from stdin and the excerpt of the song, if any; write an MP4 that plays while it loads."""
    rate = frame_rate(job.fps)
    return [
        *global_arguments(ffmpeg),
        *raw_frames_arguments(job.width, job.height, rate, "pipe:0", FILM_PIXELS),
        *(input_arguments(job.song) if job.song is not None else []),
        *(["-f", "srt", "-i", file_url(job.subtitles)] if job.subtitles is not None else []),
        *["-map", "0:v:0", *(["-map", "1:a:0"] if job.song is not None else []), "-map_metadata", "-1", "-map_chapters", "-1"],
        *(subtitle_arguments(1 if job.song is None else 2) if job.subtitles is not None else []),
        *video_arguments(rate, settings, FILM_PIXELS),
        *(film_sound_arguments(job, settings) if job.song is not None else []),
        *[part for key, value in job.metadata.items() for part in ("-metadata", f"{key}={value}")],
        *["-movflags", "+faststart+use_metadata_tags", "-f", "mp4", "-y", file_url(target)],
    ]


def subtitle_arguments(place: int) -> list[str]:
    """Take the subtitles of the input of that number as MP4 has them, 3GPP timed text."""
    return ["-map", f"{place}:s:0", "-c:s", "mov_text"]


def repack_arguments(ffmpeg: str, source: Path, target: Path, metadata: Mapping[str, str]) -> list[str]:
    """Write what a film holds, as it is coded, as an MP4 that plays while it loads and begins at 0."""
    return [
        *global_arguments(ffmpeg),
        *input_arguments(source),
        *["-map", "0", "-map_metadata", "-1", "-c", "copy"],
        *[part for key, value in metadata.items() for part in ("-metadata", f"{key}={value}")],
        *["-movflags", "+faststart+use_metadata_tags", "-f", "mp4", "-y", file_url(target)],
    ]


def raw_frames_arguments(width: int, height: int, rate: Fraction, source: str, pixels: str = "rgb24") -> list[str]:
    """Read frames of these pixels, one after the other, from what ffmpeg calls `source`."""
    size = f"{width}x{height}"
    return ["-f", "rawvideo", "-pix_fmt", pixels, "-video_size", size, "-framerate", str(rate), "-i", source]


def film_sound_arguments(job: FilmJob, settings: FilmSettings) -> list[str]:
    """How the song's sound is cut and coded."""
    return ["-af", film_sound_filter(job), "-c:a", "aac", "-b:a", str(settings.audio_bit_rate_bps)]


def film_sound_filter(job: FilmJob) -> str:
    """The song's sound as the film has it; that of most songs is only resampled and cut."""
    sound = sound_filter(FILM_SAMPLE_RATE_HZ, FILM_CHANNELS, job.song_channels, job.start_s, job.duration_s)
    softer = [f"volume={job.gain:.6f}:precision=float"] if job.gain != 1.0 else []
    limiter = ["alimiter=limit=0.99:level=0:latency=1"] if job.limited else []
    return ",".join([sound, *softer, *limiter])


def x264_parameters(settings: FilmSettings) -> str:
    """What only x264 itself can be told."""
    return f"subme={settings.subpixel_effort}:deadzone-inter={settings.deadzone}:deadzone-intra={settings.deadzone}"


def video_arguments(rate: Fraction, settings: FilmSettings, pixels: str = "rgb24") -> list[str]:
    """H.264 High in 4:2:0; BT.709 colours in limited range, tagged so that browsers show them as they are.

    pixels: of the frames that come, RGB to be converted or `FILM_PIXELS` that were, by `media.film_colours`.
    """
    scale = "scale=in_range=full:out_range=limited:out_color_matrix=bt709:flags=bicubic+accurate_rnd+full_chroma_inp,"
    conversion = "" if pixels == FILM_PIXELS else scale
    tags = "setparams=range=limited:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    return [
        *["-vf", f"{conversion}format={FILM_PIXELS},{tags}", "-c:v", "libx264", "-profile:v", "high"],
        *["-preset", settings.preset, "-crf", str(settings.crf), "-threads", str(settings.threads)],
        *["-x264-params", x264_parameters(settings)],
        *["-g", str(max(1, round(settings.keyframe_interval_s * rate))), "-fps_mode", "cfr", "-r", str(rate)],
        *["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"],
    ]
