"""Argument lists for ffmpeg that move a film's sound against its pictures. Pure functions; `pipeline/sync_film.py` runs them."""

from __future__ import annotations

from pathlib import Path

from media.ffmpeg_args import FILM_SAMPLE_RATE_HZ, FilmSettings, file_url, global_arguments, input_arguments


def shifted_sound_filter(offset_s: float) -> str:
    """A sound that came too late by `offset_s` begins that much earlier, and ends in silence; one that came too early waits."""
    resample = f"aresample={FILM_SAMPLE_RATE_HZ}:async=1:first_pts=0"
    if offset_s >= 0:
        first = round(offset_s * FILM_SAMPLE_RATE_HZ)
        return f"{resample},atrim=start_sample={first},asetpts=N/SR/TB,apad=pad_len={first}"
    return f"{resample},adelay=delays={round(-offset_s * FILM_SAMPLE_RATE_HZ)}S:all=1,asetpts=N/SR/TB"


def shifted_sound_arguments(ffmpeg: str, film: Path, target: Path, offset_s: float, channels: int) -> list[str]:
    """Write the film as the MP4 `target`, its pictures as they are coded, its sound moved by `shifted_sound_filter`."""
    sound = ["-af", shifted_sound_filter(offset_s), "-c:a", "aac", "-b:a", str(FilmSettings().audio_bit_rate_bps)]
    packed = ["-movflags", "+faststart+use_metadata_tags", "-f", "mp4", "-y", file_url(target)]
    streams = ["-map", "0:V:0", "-map", "0:a:0", "-c:v", "copy", "-ac", str(min(channels, 2)), *sound]
    return [*global_arguments(ffmpeg), *input_arguments(film), *streams, *packed]
