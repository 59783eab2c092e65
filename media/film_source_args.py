"""Argument lists for ffmpeg that read a film as frames at one rate, upright, in square pixels and BT.709's colours.

Pure functions beside `media/ffmpeg_args.py`; `media/film_source.py` runs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.ffmpeg_args import FILM_CHANNELS, FILM_SAMPLE_RATE_HZ, global_arguments, input_arguments

#: The pictures of a film; a cover that is attached to it ("V" leaves it out) is none.
PICTURES = "0:V:0"
#: What transfer functions ffmpeg names for high dynamic range: PQ and HLG.
HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
#: Brightness in cd/m2 that becomes white before tone mapping: BT.2408's reference white is 203.
HDR_WHITE_NITS = 203
#: How far before the wanted time reading begins, in seconds, so that the decoder has found its feet by then.
SEEK_MARGIN_S = 2.0
#: Frames that are looked at to tell whether a film is interlaced.
LOOK_FRAMES = 120
#: From this height on pictures without a word about their colours are BT.709, as players take them; lower ones BT.601.
HD_LINES = 720


@dataclass(frozen=True)
class Pictures:
    """What has to be done to a film's pictures.

    rate: frames a second to be. interlaced: two fields in one frame. colours: the film's own words about them, ffmpeg's
    "range, matrix/primaries/transfer"; empty where it says nothing.
    """

    rate: Fraction
    interlaced: bool
    colours: str

    @property
    def hdr(self) -> bool:
        """Whether the pictures have a high dynamic range."""
        return any(name in self.colours for name in HDR_TRANSFERS)


def list_packets_arguments(ffmpeg: str, path: Path) -> list[str]:
    """List every packet of the pictures on stdout without decoding it; the log describes the streams."""
    packets = ["-map", PICTURES, "-c", "copy", "-f", "framecrc", "pipe:1"]
    return [*global_arguments(ffmpeg, "info"), *input_arguments(path), *packets]


def look_for_fields_arguments(ffmpeg: str, path: Path) -> list[str]:
    """Let ffmpeg's `idet` judge the first frames; its verdict is in the log."""
    look = ["-map", PICTURES, "-frames:v", str(LOOK_FRAMES), "-vf", "idet", "-an", "-f", "null", "-"]
    return [*global_arguments(ffmpeg, "info"), *input_arguments(path), *look]


def light_filters(pictures: Pictures) -> list[str]:
    """High dynamic range and wide colours brought to what BT.709 shows.

    PQ and HLG are made linear, brought to BT.709's primaries and tone-mapped by Hable's curve, which keeps shadows and rolls
    the lights off.
    """
    if pictures.hdr:
        transfer = next(name for name in HDR_TRANSFERS if name in pictures.colours)
        source = f"tin={transfer}:min=bt2020nc:pin=bt2020:rin={'full' if 'pc' in pictures.colours.split(', ') else 'limited'}"
        return [
            f"zscale={source}:t=linear:npl={HDR_WHITE_NITS}",
            "format=gbrpf32le",
            "zscale=p=bt709",
            "tonemap=tonemap=hable:desat=0",
            "zscale=t=bt709:m=bt709:r=limited",
            "format=yuv444p",
        ]
    if "bt2020" in pictures.colours:
        return ["zscale=min=bt2020nc:pin=bt2020:tin=bt709:m=bt709:p=bt709:t=bt709", "format=yuv444p"]
    return []


def picture_filters(pictures: Pictures, begin_s: float, size: tuple[int, int] | None) -> str:
    """All that is done to a film's pictures, as one filter.

    begin_s: time of the first frame wanted, counted from the file's beginning; frames lie on a grid from there, and each shows
    the picture that is nearest to it in time. size: (width, height) in pixels, once known; a film whose pictures change their
    size midway keeps the first.
    """
    fields = ["bwdif=mode=send_frame:parity=auto:deint=all"] if pictures.interlaced else []
    steps = [*fields, f"fps=fps={pictures.rate}:start_time={begin_s:.6f}:round=near", *light_filters(pictures)]
    square = "w='if(gt(sar,1),round(iw*sar),iw)':h='if(lt(sar,1)*gt(sar,0),round(ih/sar),ih)'"
    shape = square if size is None else f"w={size[0]}:h={size[1]}"
    toned = pictures.hdr or "bt2020" in pictures.colours
    known = toned or any(name in pictures.colours for name in ("bt709", "bt470bg", "smpte170m", "smpte240m", "fcc", "gbr"))
    matrix = "" if known else f":in_color_matrix={'bt709' if size is not None and size[1] >= HD_LINES else 'bt601'}"
    scale = f"scale={shape}{matrix}:flags=bicubic+accurate_rnd+full_chroma_int"
    return ",".join([*steps, scale, "setsar=1", "format=rgb24"])


def first_picture_arguments(ffmpeg: str, path: Path, pictures: Pictures, begin_s: float) -> list[str]:
    """The first frame as a PPM picture on stdout, which tells its size."""
    filters = picture_filters(pictures, begin_s, None)
    one = ["-map", PICTURES, "-vf", filters, "-frames:v", "1", "-c:v", "ppm", "-f", "image2pipe", "pipe:1"]
    return [*global_arguments(ffmpeg), *seeking(begin_s, True), *input_arguments(path), *one]


def read_film_arguments(
    ffmpeg: str, path: Path, pictures: Pictures, begin_s: float, size: tuple[int, int], seekable: bool
) -> list[str]:
    """Decode from `begin_s` on to raw RGB frames of that size on stdout; what is damaged is passed over."""
    frames = ["-map", PICTURES, "-vf", picture_filters(pictures, begin_s, size), "-fps_mode", "passthrough"]
    raw = ["-an", "-c:v", "rawvideo", "-f", "rawvideo", "pipe:1"]
    decoder = [*seeking(begin_s, seekable), "-max_error_rate", "1", "-threads", "2"]
    return [*global_arguments(ffmpeg), *decoder, *input_arguments(path), *frames, *raw]


def seeking(begin_s: float, seekable: bool) -> list[str]:
    """Begin some way before a time, at a picture that stands alone; the times stay those of the whole file.

    seekable: whether the container knows where its pictures lie; others are read from their beginning.
    """
    if not seekable or begin_s <= 2 * SEEK_MARGIN_S:
        return []
    return ["-copyts", "-start_at_zero", "-noaccurate_seek", "-ss", f"{begin_s - SEEK_MARGIN_S:.6f}"]


def film_sound_arguments(ffmpeg: str, path: Path, channels: int, begin_s: float, samples: int) -> list[str]:
    """Decode the film's sound in step with its pictures to a WAV on stdout: 48 kHz, stereo, `samples` long.

    begin_s: time of the first frame. Time stamps are believed here, since they are what keeps sound and pictures together:
    gaps become silence, and what lies before the first frame is cut off. channels: of the film's sound.
    """
    spread = ["pan=stereo|c0=c0|c1=c0"] if (channels, FILM_CHANNELS) == (1, 2) else []
    first = round(begin_s * FILM_SAMPLE_RATE_HZ)
    resample = f"aresample={FILM_SAMPLE_RATE_HZ}:async=1:first_pts={first}:rematrix_maxval=1:ochl=stereo"
    steps = [*spread, resample, "asetpts=N/SR/TB", f"apad=whole_len={samples}", f"atrim=end_sample={samples}"]
    sound = ["-map", "0:a:0", "-af", ",".join(steps), "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"]
    return [*global_arguments(ffmpeg), "-max_error_rate", "1", *input_arguments(path), *sound]
