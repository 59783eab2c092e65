"""What the file is: length against the song, constant rate, codec, and whether its sound is the song, in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.messages import message, number, translatable
from media.media import VideoInfo, probe_audio, read_audio
from metrics.correlation import parabola_peak
from metrics.registry import Metric
from metrics.verdict import Verdict

#: Rate and excerpt on which the film's sound is laid over the song's.
SOUND_RATE_HZ = 16000
SOUND_EXCERPT_S = 30.0
MAX_OFFSET_S = 0.5


@dataclass(frozen=True)
class FilmFacts:
    """The file's own facts.

    video_s, sound_s, song_s: lengths of the pictures, of the sound, and of the song's part that the film should hold.
    excess_frames: how much longer the pictures are than the song, in frames. exact: both lengths within one frame of the song's.
    sound_correlation, sound_offset_ms: the film's sound against the song at the best offset (positive: the film's sound is late);
    None where either is silent. faststart: whether the index stands before the pictures, so that a browser begins at once.
    ai_tag: whether the metadata say that the film is AI-generated.
    """

    width: int
    height: int
    fps: float
    frames: int
    constant_rate: bool
    video_codec: str
    profile: str
    pixel_format: str
    audio_codec: str
    audio_sample_rate_hz: int
    audio_layout: str
    video_s: float
    sound_s: float
    song_s: float
    excess_frames: float
    exact: bool
    sound_correlation: float | None
    sound_offset_ms: float | None
    faststart: bool
    ai_tag: bool


def film_facts(video: Path, info: VideoInfo, song: Path, start_s: float, duration_s: float | None) -> FilmFacts:
    """Facts of the film against the song from `start_s` on, for `duration_s` at most.

    Raises `InputError` where one can't be read.
    """
    song_s = max(0.0, probe_audio(song).duration_s - start_s)
    song_s = min(song_s, duration_s) if duration_s is not None else song_s
    sound_s = probe_audio(video).duration_s if info.audio_codec else 0.0
    match, offset_ms = sound_match(video, song, start_s) if info.audio_codec else (None, None)
    frame_s = 1 / info.fps
    exact = abs(info.duration_s - song_s) <= frame_s and abs(sound_s - song_s) <= frame_s
    return FilmFacts(
        width=info.width,
        height=info.height,
        fps=info.fps,
        frames=info.frames,
        constant_rate=info.constant_rate,
        video_codec=info.video_codec,
        profile=info.profile,
        pixel_format=info.pixel_format,
        audio_codec=info.audio_codec,
        audio_sample_rate_hz=info.audio_sample_rate_hz,
        audio_layout=info.audio_layout,
        video_s=info.duration_s,
        sound_s=sound_s,
        song_s=song_s,
        excess_frames=(info.duration_s - song_s) * info.fps,
        exact=exact,
        sound_correlation=match,
        sound_offset_ms=offset_ms,
        faststart=index_first(video),
        ai_tag=any("ai-generated" in value.lower() for value in info.metadata.values()),
    )


def sound_match(video: Path, song: Path, start_s: float) -> tuple[float | None, float | None]:
    """(correlation, offset in ms) of the film's first half minute of sound with the song's; (None, None) where one is silent."""
    film = read_audio(video, SOUND_RATE_HZ, 1, 0.0, SOUND_EXCERPT_S)[:, 0].astype(np.float64)
    heard = read_audio(song, SOUND_RATE_HZ, 1, start_s, SOUND_EXCERPT_S)[:, 0].astype(np.float64)
    length = min(len(film), len(heard))
    film, heard = film[:length], heard[:length]
    norm = float(np.sqrt((film**2).sum() * (heard**2).sum()))
    if norm < 1e-9:
        return None, None
    size = 1 << (2 * length - 1).bit_length()
    cross = np.fft.irfft(np.fft.rfft(film, size) * np.conj(np.fft.rfft(heard, size)), size) / norm
    reach = round(MAX_OFFSET_S * SOUND_RATE_HZ)
    offset, height = parabola_peak(np.arange(-reach, reach + 1.0), np.concatenate([cross[-reach:], cross[: reach + 1]]))
    return min(1.0, height), 1000 * offset / SOUND_RATE_HZ


def top_boxes(path: Path) -> Iterator[str]:
    """Names of an MP4 file's boxes of the first order, in order; ends at the first thing that is none."""
    with path.open("rb") as file:
        while len(header := file.read(8)) == 8:
            size, name = int.from_bytes(header[:4], "big"), header[4:]
            yield name.decode("latin-1")
            body = int.from_bytes(file.read(8), "big") - 16 if size == 1 else size - 8
            if body < 0:
                return
            file.seek(body, 1)


def index_first(path: Path) -> bool:
    """Whether an MP4 file's index (moov) stands before its data (mdat)."""
    names = list(top_boxes(path))
    return "moov" in names and ("mdat" not in names or names.index("moov") < names.index("mdat"))


def film_verdicts(facts: FilmFacts) -> list[Verdict]:
    """The demands on the file."""
    standard = facts.video_codec == "h264" and facts.profile == "High" and facts.pixel_format == "yuv420p"
    sound = facts.audio_codec == "aac" and facts.audio_sample_rate_hz == 48000 and facts.audio_layout == "stereo"
    return [
        Verdict(message("metrics.length"), facts.excess_frames, message("metrics.within_with_sound", value=1.0), facts.exact),
        Verdict(message("metrics.frame_rate"), facts.fps, message("metrics.constant"), facts.constant_rate),
        Verdict(message("metrics.video_codec"), None, message("metrics.yes"), standard and facts.faststart),
        Verdict(message("metrics.audio_codec"), facts.audio_sample_rate_hz or None, number(48000, 0), sound),
        Verdict(message("metrics.marked"), None, message("metrics.yes"), facts.ai_tag),
    ]


FILM = Metric[FilmFacts](
    "film",
    translatable("The file"),
    30,
    figures=lambda _, evidence: evidence.facts,
    verdicts=lambda facts, _: film_verdicts(facts),
    table_place=5,
    verdicts_place=200,
)
