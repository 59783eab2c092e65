"""What ffmpeg may use for one given file: the demuxers of the kind that its first bytes show, and decoders that songs and films
have. Everything else that it was built with, for games, cameras and fonts of old, is never reached by a file's word.
"""

from __future__ import annotations

from pathlib import Path

from media.ffmpeg_args import FORMATS
from media.file_kinds import (
    AAC,
    AC3,
    CONTAINERS,
    FILMS,
    HEAD_BYTES,
    M4A,
    MOV,
    MP3,
    MP4,
    WAV,
    WEBM,
    FileKind,
    kind_of,
)

#: Tags at the beginning (ID3) stand before sounds of these kinds too, and frames of MPEG sound look alike.
BEHIND_TAGS = ("mp3", "aac", "loas", "flac", "wav", "aiff", "tta", "ape", "wv", "mpc", "mpc8", "tak", "dsf", "ac3", "eac3", "oma")
#: Kinds whose first bytes fit several demuxers.
ALIKE: dict[FileKind, tuple[str, ...]] = {MP3: BEHIND_TAGS, AAC: BEHIND_TAGS, AC3: ("ac3", "eac3"), WAV: ("wav", "w64")}
#: Of the QuickTime family: its files may name others, which is never followed.
MOVS = (M4A, MOV, MP4)
NO_REFERENCES = ("-enable_drefs", "0", "-use_absolute_path", "0")
#: The largest single piece of memory that ffmpeg may ask for, in bytes: a picture of 8K in floating numbers takes 400 MB.
MAX_ALLOC = 536_870_912
#: Pixels of a film's picture at most: 8K has half as many.
MAX_PIXELS = 70_000_000
#: Streams in a file at most.
MAX_STREAMS = 64

SOUND_DECODERS = (
    *("aac", "aac_fixed", "aac_latm", "ac3", "ac3_fixed", "eac3", "alac", "als", "ape", "dca", "flac", "mlp", "truehd", "mp1"),
    *("mp1float", "mp2", "mp2float", "mp3", "mp3float", "mp3adu", "mp3adufloat", "mp3on4", "mp3on4float", "mpc7", "mpc8", "opus"),
    *("libopus", "vorbis", "libvorbis", "speex", "tak", "tta", "wavpack", "wmav1", "wmav2", "wmapro", "wmalossless", "wmavoice"),
    *("amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "gsm", "gsm_ms", "g722", "g726", "g726le", "g729", "g723_1"),
    *("adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_adx", "adpcm_yamaha", "adpcm_swf", "adpcm_g722", "adpcm_g726"),
    *("adpcm_sbpro_2", "adpcm_sbpro_3", "adpcm_sbpro_4", "adpcm_ct", "nellymoser", "qdm2", "qdmc", "mace3", "mace6", "qcelp"),
    *("evrc", "cook", "sipr", "ralf", "ra_144", "ra_288", "real_144", "real_288", "atrac1", "atrac3", "atrac3al", "atrac3plus"),
    *("atrac3plusal", "atrac9", "dsd_lsbf", "dsd_msbf", "dsd_lsbf_planar", "dsd_msbf_planar", "dst", "dvaudio", "s302m", "sbc"),
    *("shorten", "xma1", "xma2", "8svx_exp", "8svx_fib", "dolby_e", "truespeech", "ilbc", "wavarc", "osq", "qoa", "apac"),
    *("pcm_alaw", "pcm_mulaw", "pcm_bluray", "pcm_dvd", "pcm_vidc", "pcm_lxf", "pcm_f16le", "pcm_f24le", "pcm_f32be"),
    *("pcm_f32le", "pcm_f64be", "pcm_f64le", "pcm_s8", "pcm_u8", "pcm_s8_planar", "pcm_s16be", "pcm_s16le", "pcm_s16be_planar"),
    *("pcm_s16le_planar", "pcm_s24be", "pcm_s24le", "pcm_s24le_planar", "pcm_s24daud", "pcm_s32be", "pcm_s32le"),
    *("pcm_s32le_planar", "pcm_s64be", "pcm_s64le", "pcm_u16be", "pcm_u16le", "pcm_u24be", "pcm_u24le", "pcm_u32be", "pcm_u32le"),
)
PICTURE_DECODERS = (
    *("h264", "hevc", "vvc", "av1", "libdav1d", "libaom-av1", "vp3", "theora", "vp6", "vp6f", "vp6a", "vp7", "vp8", "vp9"),
    *("libvpx", "libvpx-vp9", "mpeg1video", "mpeg2video", "mpegvideo", "mpeg4", "msmpeg4", "msmpeg4v1", "msmpeg4v2", "h261"),
    *("h263", "h263i", "h263p", "flv", "wmv1", "wmv2", "wmv3", "vc1", "mjpeg", "mjpegb", "jpeg2000", "jpegls", "prores", "dnxhd"),
    *("cfhd", "dvvideo", "ffv1", "ffvhuff", "huffyuv", "hymt", "utvideo", "magicyuv", "lagarith", "qtrle", "svq1", "svq3"),
    *("cinepak", "indeo2", "indeo3", "indeo4", "indeo5", "rv10", "rv20", "rv30", "rv40", "rv60", "rawvideo", "v210", "r210"),
    *("r10k", "yuv4", "png", "ppm", "bmp", "gif", "webp", "tiff", "msrle", "msvideo1", "flashsv", "flashsv2", "snow", "dirac"),
    *("cavs", "hap", "rpza", "smc", "wrapped_avframe", "zlib", "zmbv", "tscc2", "camtasia", "speedhq", "notchlc", "apv"),
)
#: Text beside a film's pictures, which is copied where a film is cut or brought into another shape.
TEXT_DECODERS = ("mov_text", "srt", "subrip", "webvtt", "text")
DECODERS = (*SOUND_DECODERS, *PICTURE_DECODERS, *TEXT_DECODERS)


def demuxers_of(kind: FileKind | None) -> tuple[str, ...]:
    """The demuxers that open a file of that kind; all that are allowed for one that only a decoder can tell, or that is none."""
    if kind is None or kind.family not in ("sound", "film"):
        return FORMATS
    if kind in ALIKE:
        return ALIKE[kind]
    if kind in MOVS:
        return ("mov",)
    named = [name for name, each in (*CONTAINERS.items(), *FILMS.items()) if each is kind]
    return tuple(named) or (("matroska",) if kind is WEBM else FORMATS)


def kind_at(path: Path) -> FileKind | None:
    """The kind of the file there; None where it is no ordinary file, or not there: ffmpeg says so itself."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return kind_of(file.read(HEAD_BYTES))
    except OSError:
        return None


def guarded(arguments: list[str]) -> list[str]:
    """The command with what each given file calls for: those that `media.ffmpeg_args.input_arguments` opens."""
    made = [arguments[0]]
    kind: FileKind | None = None
    for at, part in enumerate(arguments[1:], start=1):
        if part == "-protocol_whitelist":
            kind = kind_at(Path(arguments[at + 5].removeprefix("file:")))
            made += ["-max_alloc", str(MAX_ALLOC)] if "-max_alloc" not in made else []
            made += ["-codec_whitelist", ",".join(DECODERS), "-max_pixels", str(MAX_PIXELS), "-max_streams", str(MAX_STREAMS)]
            made += NO_REFERENCES if kind in MOVS else ()
            made.append(part)
        elif arguments[at - 1] == "-format_whitelist":
            made.append(",".join(demuxers_of(kind)))
        else:
            made.append(part)
    return made
