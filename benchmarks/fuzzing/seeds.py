"""Small right files of every kind that is taken, from which spoilt ones are made: sounds, films and pictures of 1 to 30 kB, words
of songs, tables of films, performances; beginnings of kinds that nothing here can write; and files that point at others."""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pillow_heif
from PIL import Image

from benchmarks.fuzzing.canaries import Canaries, pointing_files
from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import Motion
from media.ffmpeg_run import ffmpeg_path
from media.file_kinds import BEGINNINGS
from motion.files.any_file import write_motion

#: What a file is given as.
Given = Literal["song", "picture", "film", "words", "table", "motion"]
#: Right files, beginnings of kinds, and files that point at others; of a hundred spoilt ones so many come of each.
Group = Literal["right", "beginning", "pointing"]
SHARES: dict[Group, int] = {"right": 86, "beginning": 5, "pointing": 9}
#: Of a hundred of them so many are given as this.
GIVEN_SHARES: dict[Given, int] = {"song": 32, "film": 13, "picture": 45, "words": 4, "table": 3, "motion": 3}
SOUND_S, FILM_S = 0.7, 0.6
#: Ending: how ffmpeg codes the tone.
SOUNDS: dict[str, tuple[str, ...]] = {
    "mp3": ("-c:a", "libmp3lame", "-b:a", "32k"),
    "wav": ("-c:a", "pcm_s16le"),
    "float.wav": ("-c:a", "pcm_f32le"),
    "adpcm.wav": ("-c:a", "adpcm_ms"),
    "w64": ("-c:a", "pcm_s16le"),
    "flac": ("-c:a", "flac"),
    "ogg": ("-c:a", "libvorbis"),
    "opus": ("-c:a", "libopus", "-ar", "48000"),
    "aiff": ("-c:a", "pcm_s16be"),
    "caf": ("-c:a", "pcm_s16be"),
    "m4a": ("-c:a", "aac"),
    "alac.m4a": ("-c:a", "alac"),
    "aac": ("-c:a", "aac"),
    "weba": ("-c:a", "libopus", "-ar", "48000", "-f", "webm"),
    "mka": ("-c:a", "flac"),
    "wma": ("-c:a", "wmav2", "-f", "asf"),
    "ac3": ("-c:a", "ac3", "-ar", "32000"),
    "eac3": ("-c:a", "eac3", "-ar", "32000"),
    "dts": ("-c:a", "dca", "-strict", "-2", "-ar", "32000"),
    "thd": ("-c:a", "truehd", "-strict", "-2", "-ar", "48000", "-f", "truehd"),
    "au": ("-c:a", "pcm_mulaw"),
    "wv": ("-c:a", "wavpack"),
    "tta": ("-c:a", "tta"),
    "voc": ("-c:a", "pcm_u8"),
    "amr": ("-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"),
    "adx": ("-c:a", "adpcm_adx"),
    "sox": ("-c:a", "pcm_s32le", "-f", "sox"),
    "rm": ("-c:a", "ac3", "-ar", "32000", "-f", "rm"),
}
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
FILMS: dict[str, tuple[str, ...]] = {
    "mp4": H264,
    "fragments.mp4": (*H264, "-movflags", "frag_keyframe+empty_moov"),
    "mov": (*H264, "-f", "mov"),
    "hevc.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-c:a", "aac"),
    "webm": ("-c:v", "libvpx", "-c:a", "libvorbis"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-c:a", "libopus", "-ar", "48000"),
    "mkv": H264,
    "avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "mjpeg.avi": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    "wmv": ("-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf"),
    "flv": ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "22050"),
    "ts": ("-c:v", "mpeg2video", "-c:a", "mp2", "-f", "mpegts"),
    "mpg": ("-c:v", "mpeg1video", "-c:a", "mp2", "-f", "mpeg"),
    "mxf": ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000", "-f", "mxf"),
    "nut": ("-c:v", "ffv1", "-c:a", "flac", "-f", "nut"),
    "wtv": ("-c:v", "mpeg2video", "-c:a", "mp2", "-f", "wtv"),
}
WORDS = {
    "words.lrc": "[ti:Song]\n[00:00.10]first <00:00.30>line\n[00:01.20][00:03.00]second line\n",
    "words.srt": "1\n00:00:00,000 --> 00:00:01,500\nfirst line\n\n2\n00:00:01,500 --> 00:00:03,000\nsecond line\n",
    "words.vtt": "WEBVTT\n\n00:00.000 --> 00:01.500\nfirst <00:00.700>line\n\nNOTE x\n\n00:01.500 --> 00:03.000\nsecond\n",
    "words.txt": "[Verse]\nfirst line\nsecond line\n",
}
TABLE = "start,end,speaker,original,text\n0:00.10,0:01.50,1,first line,erste Zeile\n0:01.50,0:03.00,2,second,zweite\n"


@dataclass(frozen=True)
class Seed:
    """A file: as what it is given, its name, its bytes; whole: whether it is given as it is, too; group: see `SHARES`."""

    given: Given
    name: str
    data: bytes
    whole: bool = False
    group: Group = "right"


def made_by_ffmpeg(arguments: tuple[str, ...], target: Path) -> bytes:
    """What ffmpeg writes of a tone, and of a test picture for a film."""
    command = [ffmpeg_path(), "-hide_banner", "-loglevel", "error", "-nostdin", *arguments, "-y", str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return target.read_bytes()


def sounds_and_films(folder: Path) -> list[Seed]:
    """One of each kind that ffmpeg writes; the film of each container is given as a song too."""
    tone = ("-f", "lavfi", "-i", f"sine=440:duration={SOUND_S}:sample_rate=16000")
    view = (
        "-f",
        "lavfi",
        "-i",
        f"testsrc=duration={FILM_S}:size=80x64:rate=25",
        "-f",
        "lavfi",
        "-i",
        f"sine=300:duration={FILM_S}",
    )
    made = [Seed("song", name, made_by_ffmpeg((*tone, *how), folder / f"tone.{name}"), True) for name, how in SOUNDS.items()]
    for name, how in FILMS.items():
        data = made_by_ffmpeg((*view, *how), folder / f"view.{name}")
        made += [Seed("film", name, data, True), Seed("song", name, data, True)]
    return made


def saved(picture: Image.Image, name: str, **options: object) -> bytes:
    """The picture in that format."""
    file = io.BytesIO()
    picture.save(file, name, **options)
    return file.getvalue()


def pictures() -> list[Seed]:
    """Formats, and within them the ways of coding that have code of their own."""
    pillow_heif.register_heif_opener()
    rows, columns = np.mgrid[0:72, 0:80]
    waves = np.stack([rows * 3, columns * 3, (rows + columns) % 256], axis=-1).astype(np.uint8)
    colours = Image.fromarray(waves)
    grey, clear = colours.convert("L"), Image.fromarray(np.dstack([waves, waves[..., 0]]), "RGBA")
    exif = Image.Exif()
    exif[274], exif[271] = 6, "camera"
    frames = [colours, colours.rotate(90)]
    made = {
        "rgb.png": saved(colours, "PNG"),
        "clear.png": saved(clear, "PNG"),
        "palette.png": saved(colours.quantize(16), "PNG", transparency=3),
        "deep.png": saved(Image.fromarray(waves[..., 0].astype(np.uint16) << 7), "PNG"),
        "moving.png": saved(colours, "PNG", save_all=True, append_images=frames),
        "exif.jpg": saved(colours, "JPEG", exif=exif, quality=60),
        "progressive.jpg": saved(colours, "JPEG", progressive=True, optimize=True),
        "cmyk.jpg": saved(colours.convert("CMYK"), "JPEG"),
        "grey.jpg": saved(grey, "JPEG"),
        "lossy.webp": saved(colours, "WEBP", quality=60, exif=exif),
        "lossless.webp": saved(clear, "WEBP", lossless=True),
        "moving.webp": saved(colours, "WEBP", save_all=True, append_images=frames),
        "a.heic": saved(colours, "HEIF", quality=40),
        "a.avif": saved(clear, "AVIF", quality=40),
        "moving.gif": saved(colours, "GIF", save_all=True, append_images=frames),
        "raw.tif": saved(colours, "TIFF"),
        "lzw.tif": saved(colours, "TIFF", compression="tiff_lzw"),
        "deflate.tif": saved(grey, "TIFF", compression="tiff_adobe_deflate"),
        "jpeg.tif": saved(colours, "TIFF", compression="jpeg"),
        "lab.tif": saved(colours.convert("LAB"), "TIFF"),
        "float.tif": saved(Image.fromarray(waves[..., 0].astype(np.float32)), "TIFF"),
        "a.bmp": saved(colours, "BMP"),
        "palette.bmp": saved(colours.quantize(16), "BMP"),
    }
    return [Seed("picture", name, data, True) for name, data in made.items()]


def moving() -> Motion:
    """Some frames of a performance."""
    frames = 12
    shapes = np.linspace(0, 1, frames * len(BLENDSHAPE_NAMES), dtype=np.float32).reshape(frames, -1)
    turns = np.zeros((frames, 3), np.float32)
    return Motion(30.0, shapes, turns, turns, turns[:, :2], shapes[:, 0])


def texts(folder: Path) -> list[Seed]:
    """Words of songs, the table of a film in another language, and a performance as a table."""
    made = [Seed("words", name, text.encode(), True) for name, text in WORDS.items()]
    made += [Seed("table", "table.csv", TABLE.encode(), True)]
    for name in ("live_link.csv", "metahuman.csv", "metahuman.json"):
        write_motion(folder / name, moving(), metahuman=name.startswith("metahuman"))
        made += [Seed("motion", name, (folder / name).read_bytes(), True)]
    return made


def beginnings() -> list[Seed]:
    """How files of every known kind begin, before what could be anything: for kinds that nothing here can write."""
    noise = np.random.default_rng(17).integers(0, 256, 1500, np.uint8).tobytes()
    made = []
    for beginning, kind in BEGINNINGS:
        ways: tuple[Given, ...] = ("song", "film") if kind.family in ("sound", "film") else ("picture", "song")
        made += [Seed(way, f"beginning{kind.suffix or '.bin'}", beginning + noise, group="beginning") for way in ways]
    return made


def all_seeds(folder: Path, canaries: Canaries) -> list[Seed]:
    """All of them. folder: for what ffmpeg writes. canaries: what the pointing ones point at."""
    made = [*sounds_and_films(folder), *pictures(), *texts(folder), *beginnings()]
    for name, data in pointing_files(canaries).items():
        for given in ("song", "film", "picture"):
            made.append(Seed(given, name, data, True, "pointing"))
    return made
