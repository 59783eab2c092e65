"""Argument lists for ffmpeg that bring a finished film into another shape and size, or a part of it into a picture that moves.

Pure functions beside `media/ffmpeg_args.py`. What is told on stdout is ffmpeg's own `-progress`, lines of `key=value`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from media.ffmpeg_args import FILM_PIXELS, FilmSettings, file_url, global_arguments, input_arguments, x264_parameters

#: The formats of pictures that move, by the ending of their files.
LoopFormat = Literal["gif", "webp"]
#: Pictures a second of a loop: GIF counts in hundredths of a second, so that 12.5 is exact; WebP takes any rate.
LOOP_FPS: dict[LoopFormat, float] = {"gif": 12.5, "webp": 20.0}
#: The ground behind a picture that is too narrow or too low: so much smaller while it is blurred, and so strongly, in pixels of
#: that small picture; and how much darker.
GROUND_SHRINK, GROUND_SIGMA, GROUND_DARKER = 8, 5, 0.12
PROGRESS = ["-progress", "pipe:1"]

#: (second, place): where the crop begins at some times; between them it moves evenly.
Path_ = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Reshape:
    """What is cut out of a film, and how large it stands in the new one.

    crop: (width, height) of the part in pixels of the film. left, top: its corner over time. size: (width, height) of the new
    film, even. inner: (width, height) of the part in it; where that is less than all, a blurred ground is around it.
    """

    crop: tuple[int, int]
    left: Path_
    top: Path_
    size: tuple[int, int]
    inner: tuple[int, int]


def place_expression(path: Path_) -> str:
    """A place over time as ffmpeg's expressions have it: the first one, and every way to the next, as far as it has been gone."""
    (begin_s, place), *rest = path
    terms = [f"{place:.1f}"]
    for end_s, following in rest:
        if following != place:
            terms.append(f"{following - place:+.1f}*clip((t-{begin_s:.3f})/{max(end_s - begin_s, 0.001):.3f},0,1)")
        begin_s, place = end_s, following
    return "".join(terms)


def reshape_filter(shape: Reshape) -> str:
    """The graph from the film's pictures, [0:v], to the new ones, [v]."""
    (width, height), (inner_width, inner_height) = shape.size, shape.inner
    left, top = place_expression(shape.left), place_expression(shape.top)
    part = f"crop=w={shape.crop[0]}:h={shape.crop[1]}:x='{left}':y='{top}',"
    part += f"scale={inner_width}:{inner_height}:flags=lanczos,setsar=1"
    if shape.inner == shape.size:
        return f"[0:v:0]{part},format={FILM_PIXELS}[v]"
    small = f"{width // GROUND_SHRINK}:{height // GROUND_SHRINK}"
    ground = f"scale={small}:force_original_aspect_ratio=increase,crop={small},gblur=sigma={GROUND_SIGMA},"
    ground += f"scale={width}:{height}:flags=bicubic,setsar=1,eq=brightness=-{GROUND_DARKER}"
    return (
        f"[0:v:0]split[whole][seen];[whole]{ground}[ground];[seen]{part}[part];"
        f"[ground][part]overlay=(W-w)/2:(H-h)/2,format={FILM_PIXELS}[v]"
    )


def reshape_arguments(ffmpeg: str, film: Path, target: Path, shape: Reshape, settings: FilmSettings) -> list[str]:
    """Write the film in its new shape as an MP4; sound, subtitles and metadata are copied as they are."""
    return [
        *global_arguments(ffmpeg),
        *input_arguments(film),
        *["-filter_complex", reshape_filter(shape), "-map", "[v]", "-map", "0:a?", "-map", "0:s?", "-map_metadata", "0"],
        *["-c:v", "libx264", "-profile:v", "high", "-preset", settings.preset, "-crf", str(settings.crf)],
        *["-threads", str(settings.threads), "-x264-params", x264_parameters(settings), "-fps_mode", "passthrough"],
        *["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"],
        *["-c:a", "copy", "-c:s", "copy", *PROGRESS],
        *["-movflags", "+faststart+use_metadata_tags", "-f", "mp4", "-y", file_url(target)],
    ]


def loop_arguments(
    ffmpeg: str, film: Path, target: Path, kind: LoopFormat, start_s: float, duration_s: float, size: tuple[int, int]
) -> list[str]:
    """Write a part of the film, without its sound, as a GIF with its own palette or as a WebP; both begin again for ever."""
    pictures = f"fps={LOOP_FPS[kind]:g},scale={size[0]}:{size[1]}:flags=lanczos"
    if kind == "gif":
        graph = f"{pictures},split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=4"
        coding = ["-f", "gif"]
    else:
        graph = f"{pictures},format={FILM_PIXELS}"
        coding = ["-c:v", "libwebp_anim", "-lossless", "0", "-q:v", "70", "-compression_level", "4", "-f", "webp"]
    return [
        *global_arguments(ffmpeg),
        *["-ss", f"{start_s:.3f}", "-t", f"{duration_s:.3f}"],
        *input_arguments(film),
        *["-map_metadata", "-1", "-an", "-sn", "-filter_complex", f"[0:v:0]{graph}", "-loop", "0", *coding],
        *[*PROGRESS, "-y", file_url(target)],
    ]


def small_frames_arguments(ffmpeg: str, film: Path, fps: float, size: tuple[int, int]) -> list[str]:
    """Decode the frames of a film that are seen at 0, 1 / fps, 2 / fps ... seconds, small, as raw RGB on stdout."""
    pictures = f"select='gte(t,selected_n/{fps:g})',scale={size[0]}:{size[1]}:flags=area,format=rgb24"
    frames = ["-map", "0:v:0", "-vf", pictures, "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"]
    return [*global_arguments(ffmpeg), *input_arguments(film), *frames]
