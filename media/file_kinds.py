"""Tells what a file is by its first bytes, never by its name, so that a wrong one is refused before any decoder sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import InputError, KindError
from core.messages import Message, message
from media.media_files import ACCEPTED_SONGS

HEAD_BYTES = 4096
#: Shorter than this, anything may look like a text.
LEAST_TEXT_BYTES = 16
ACCEPTED_PICTURES = message("media.accepted_pictures")
#: A JPEG is scaled down while it is decoded, so its own pixels cost only time: it may have so many times as many of them.
JPEG_FACTOR = 6
Family = Literal["sound", "film", "picture", "other"]


@dataclass(frozen=True)
class FileKind:
    """A kind of file: what a person calls it, its media type, the ending that its files bear, its family, and other endings."""

    called: Message
    mime: str
    suffix: str
    family: Family
    also: tuple[str, ...] = ()


MP3 = FileKind(message("media.kind_mp3_file"), "audio/mpeg", ".mp3", "sound")
AAC = FileKind(message("media.kind_aac_file"), "audio/aac", ".aac", "sound")
WAV = FileKind(message("media.kind_wav_file"), "audio/wav", ".wav", "sound")
W64 = FileKind(message("media.kind_wave64_file"), "audio/x-w64", ".w64", "sound")
FLAC = FileKind(message("media.kind_flac_file"), "audio/flac", ".flac", "sound")
OGG = FileKind(message("media.kind_ogg_file"), "audio/ogg", ".ogg", "sound")
AIFF = FileKind(message("media.kind_aiff_file"), "audio/aiff", ".aiff", "sound")
CAF = FileKind(message("media.kind_caf_file"), "audio/x-caf", ".caf", "sound")
M4A = FileKind(message("media.kind_m4a_file"), "audio/mp4", ".m4a", "sound")
MP4 = FileKind(message("media.kind_mp4_film"), "video/mp4", ".mp4", "film")
MOV = FileKind(message("media.kind_quicktime_film"), "video/quicktime", ".mov", "film")
WEBM = FileKind(message("media.kind_webm_or_matroska_film"), "video/webm", ".webm", "film", (".mkv",))
WEBM_SOUND = FileKind(message("media.kind_webm_or_matroska_file"), "audio/webm", ".weba", "sound", (".mka",))
WMA = FileKind(message("media.kind_wma_file"), "audio/x-ms-wma", ".wma", "sound")
WMV = FileKind(message("media.kind_wmv_film"), "video/x-ms-wmv", ".wmv", "film")
AC3 = FileKind(message("media.kind_ac3_file"), "audio/ac3", ".ac3", "sound")
EAC3 = FileKind(message("media.kind_e_ac3_file"), "audio/eac3", ".eac3", "sound")
DTS = FileKind(message("media.kind_dts_file"), "audio/vnd.dts", ".dts", "sound")
AMR = FileKind(message("media.kind_amr_file"), "audio/amr", ".amr", "sound")
AU = FileKind(message("media.kind_au_file"), "audio/basic", ".au", "sound")
AVI = FileKind(message("media.kind_avi_film"), "video/x-msvideo", ".avi", "film")
FLV = FileKind(message("media.kind_flash_film"), "video/x-flv", ".flv", "film")
MPEG_TS = FileKind(message("media.kind_mpeg_transport_stream"), "video/mp2t", ".ts", "film", (".m2ts",))
MPEG_PS = FileKind(message("media.kind_mpeg_film"), "video/mpeg", ".mpg", "film")
WAVPACK = FileKind(message("media.kind_wavpack_file"), "audio/x-wavpack", ".wv", "sound")
TTA = FileKind(message("media.kind_tta_file"), "audio/x-tta", ".tta", "sound")
TAK = FileKind(message("media.kind_tak_file"), "audio/x-tak", ".tak", "sound")
APE = FileKind(message("media.kind_monkey_audio_file"), "audio/x-ape", ".ape", "sound")
MUSEPACK = FileKind(message("media.kind_musepack_file"), "audio/x-musepack", ".mpc", "sound")
REAL = FileKind(message("media.kind_realmedia_file"), "application/vnd.rn-realmedia", ".rm", "film")
ATRAC = FileKind(message("media.kind_atrac_file"), "audio/x-oma", ".oma", "sound")
ADX = FileKind(message("media.kind_adx_file"), "audio/x-adx", ".adx", "sound")
WTV = FileKind(message("media.kind_recording_of_windows_television"), "video/x-wtv", ".wtv", "film")
VOC = FileKind(message("media.kind_creative_voice_file"), "audio/x-voc", ".voc", "sound")
DSD = FileKind(message("media.kind_dsd_file"), "audio/x-dsf", ".dsf", "sound")
TRUEHD = FileKind(message("media.kind_truehd_file"), "audio/vnd.dolby.mlp", ".thd", "sound")
MXF = FileKind(message("media.kind_mxf_film"), "application/mxf", ".mxf", "film")
NUT = FileKind(message("media.kind_nut_file"), "video/x-nut", ".nut", "film")
SOX = FileKind(message("media.kind_sox_file"), "audio/x-sox", ".sox", "sound")
PNG = FileKind(message("media.kind_png_picture"), "image/png", ".png", "picture")
JPEG = FileKind(message("media.kind_jpeg_picture"), "image/jpeg", ".jpg", "picture")
WEBP = FileKind(message("media.kind_webp_picture"), "image/webp", ".webp", "picture")
HEIC = FileKind(message("media.kind_heic_picture"), "image/heic", ".heic", "picture", (".heif",))
AVIF = FileKind(message("media.kind_avif_picture"), "image/avif", ".avif", "picture")
GIF = FileKind(message("media.kind_gif_picture"), "image/gif", ".gif", "picture")
TIFF = FileKind(message("media.kind_tiff_picture"), "image/tiff", ".tif", "picture")
BMP = FileKind(message("media.kind_bmp_picture"), "image/bmp", ".bmp", "picture")
RAW = FileKind(message("media.kind_camera_raw_picture"), "", "", "other")
JPEG_XL = FileKind(message("media.kind_jpeg_xl_picture"), "", "", "other")
JPEG_2000 = FileKind(message("media.kind_jpeg_2000_picture"), "", "", "other")
PLAYLIST = FileKind(message("media.kind_playlist"), "", "", "other")
SVG = FileKind(message("media.kind_svg_drawing"), "", "", "other")
WEB_PAGE = FileKind(message("media.kind_web_page"), "", "", "other")
XML = FileKind(message("media.kind_xml_file"), "", "", "other")
TEXT = FileKind(message("media.kind_text"), "", "", "other")

#: Beginnings that decide alone.
BEGINNINGS: tuple[tuple[bytes, FileKind], ...] = (
    (b"ID3", MP3),
    (b"fLaC", FLAC),
    (b"OggS", OGG),
    (b"caff", CAF),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", WMA),
    (b"\x0b\x77", AC3),
    (b"\x7f\xfe\x80\x01", DTS),
    (b"\xfe\x7f\x01\x80", DTS),
    (b"\x1f\xff\xe8\x00", DTS),
    (b"\xff\x1f\x00\xe8", DTS),
    (b"DTSHDHDR", DTS),
    (b"#!AMR", AMR),  # before the programs
    (b".snd", AU),
    (b"FLV\x01", FLV),
    (b"\x00\x00\x01\xba", MPEG_PS),
    (b"wvpk", WAVPACK),
    (b"TTA1", TTA),
    (b"tBaK", TAK),
    (b"MAC ", APE),
    (b"MPCK", MUSEPACK),
    (b"MP+", MUSEPACK),
    (b".RMF", REAL),
    (b"Creative Voice File", VOC),
    (b"DSD ", DSD),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", MXF),
    (b"nut/multimedia container", NUT),
    (b".SoX", SOX),
    (b"XoS.", SOX),
    (b"ea3\x03", ATRAC),
    (b"EA3\x01", ATRAC),
    (b"\xb7\xd8\x00\x20\x37\x49\xda\x11", WTV),
    (b"FWS", FileKind(message("media.kind_flash_program"), "", "", "other")),
    (b"CWS", FileKind(message("media.kind_flash_program"), "", "", "other")),
    (b"ZWS", FileKind(message("media.kind_flash_program"), "", "", "other")),
    (b"riff\x2e\x91\xcf\x11", W64),
    (b"\x1a\x45\xdf\xa3", WEBM),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF8", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"\xff\x0a", JPEG_XL),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", JPEG_XL),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", JPEG_2000),
    (b"\xff\x4f\xff\x51", JPEG_2000),
    (b"FUJIFILMCCD-RAW", RAW),
    (b"IIRO", RAW),
    (b"IIU\x00", RAW),
    (b"\x00\x00\x01\x00", FileKind(message("media.kind_windows_icon"), "", "", "other")),
    (b"v/1\x01", FileKind(message("media.kind_openexr_picture"), "", "", "other")),
    (b"#?RADIANCE", FileKind(message("media.kind_radiance_picture"), "", "", "other")),
    (b"gimp xcf", FileKind(message("media.kind_gimp_picture"), "", "", "other")),
    (b"8BPS", FileKind(message("media.kind_photoshop_picture"), "", "", "other")),
    (b"%PDF", FileKind(message("media.kind_pdf_document"), "", "", "other")),
    (b"PK\x03\x04", FileKind(message("media.kind_zip_archive_or_an_office_document"), "", "", "other")),
    (b"\x1f\x8b", FileKind(message("media.kind_packed_archive"), "", "", "other")),
    (b"Rar!", FileKind(message("media.kind_packed_archive"), "", "", "other")),
    (b"7z\xbc\xaf", FileKind(message("media.kind_packed_archive"), "", "", "other")),
    (b"MZ", FileKind(message("media.kind_program"), "", "", "other")),
    (b"\x7fELF", FileKind(message("media.kind_program"), "", "", "other")),
    (b"#!", FileKind(message("media.kind_program"), "", "", "other")),
    (b"MThd", FileKind(message("media.kind_midi_file"), "", "", "other")),
)
#: Texts that name other files, or that a browser would run; blanks before them and case do not count.
TEXTS: tuple[tuple[bytes, FileKind], ...] = (
    (b"#extm3u", PLAYLIST),
    (b"[playlist]", PLAYLIST),
    (b"ffconcat", PLAYLIST),
    (b"<asx", PLAYLIST),
    (b"<svg", SVG),
    (b"<!doctype svg", SVG),
    (b"<!doctype html", WEB_PAGE),
    (b"<html", WEB_PAGE),
)
#: Brands of the ISO base media file format that are pictures or sound alone.
BRANDS: tuple[tuple[tuple[bytes, ...], FileKind], ...] = (
    ((b"avif", b"avis"), AVIF),
    ((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), HEIC),
    ((b"crx ",), RAW),
    ((b"M4A ", b"M4B ", b"M4P "), M4A),
    ((b"qt  ",), MOV),
)


def kind_of(head: bytes) -> FileKind | None:
    """The kind of a file that begins with `head` (its first 4096 bytes); None where it is not known."""
    if head[4:8] == b"ftyp":
        return kind_of_brand(head)
    if head[:4] == b"RIFF":
        return {b"WAVE": WAV, b"WEBP": WEBP, b"AVI ": AVI, b"XWMA": WMA}.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return AIFF
    if head[:4] == b"II*\x00" and head[8:10] == b"CR":
        return RAW  # Canon's, a TIFF with a mark
    if head[:2] == b"BM" and head[6:10] == bytes(4):  # two letters alone are too few
        return BMP
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return MOV  # QuickTime before it had brands
    if is_transport_stream(head):
        return MPEG_TS
    if head[4:8] == b"\xf8\x72\x6f\xba":
        return TRUEHD
    for beginning, kind in BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return AAC
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
        return MP3
    return kind_of_text(head)


def is_transport_stream(head: bytes) -> bool:
    """Whether packets of 188 bytes, or those with a time stamp of 4 bytes before, each begin with their mark."""
    for start, size in ((0, 188), (4, 192)):
        marks = head[start::size][:8]
        if len(marks) >= 3 and not marks.strip(b"G"):
            return True
    return False


def kind_of_brand(head: bytes) -> FileKind:
    """The kind by the major brand; where that says nothing, by the compatible ones."""
    for brands, kind in BRANDS:
        if head[8:12] in brands:
            if kind is HEIC and b"avif" in head[16:64]:
                return AVIF  # some encoders name the general brand first
            return kind
    return MP4


def kind_of_text(head: bytes) -> FileKind | None:
    """The kind of a text that would lead a decoder or a browser elsewhere."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginning, kind in TEXTS:
        if text.startswith(beginning):
            return kind
    if text.startswith((b"<?xml", b"<!--")):
        return SVG if b"<svg" in text else XML
    return TEXT if len(text) >= LEAST_TEXT_BYTES and is_text(head) else None


def is_text(head: bytes) -> bool:
    """Whether all of it is UTF-8 without signs that no text has; the last sign may be cut."""
    try:
        words = head[: len(head) - 3].decode("utf-8") if len(head) == HEAD_BYTES else head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 6:
            return False
        words = head[: error.start].decode("utf-8")
    return all(sign.isprintable() or sign in "\n\r\t\f" for sign in words)


def read_kind(path: Path, code: str, accepted: Message) -> FileKind | None:
    """The kind of the file. Raises InputError of that code where it is empty."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise InputError(code, name=path.name, accepted=accepted)
    return kind_of(head)


def check_song_kind(path: Path) -> FileKind | None:
    """The kind of a song's file; None where only a decoder can tell. Raises KindError where it surely is none, InputError where
    it is empty."""
    kind = read_kind(path, "media.song_is_empty", ACCEPTED_SONGS)
    if kind is not None and kind.family not in ("sound", "film"):
        raise KindError("media.file_is_no_song", name=path.name, kind=kind.called, accepted=ACCEPTED_SONGS)
    return kind


def check_picture_kind(path: Path) -> FileKind:
    """The kind of a picture file. Raises KindError where it is none of an accepted kind, InputError where it is empty."""
    kind = read_kind(path, "media.picture_is_empty", ACCEPTED_PICTURES)
    if kind is None:
        raise KindError("media.picture_of_unknown_kind", name=path.name, accepted=ACCEPTED_PICTURES)
    if kind.family != "picture":
        raise KindError("media.file_is_no_picture", name=path.name, kind=kind.called, accepted=ACCEPTED_PICTURES)
    return kind


#: Containers as ffmpeg calls them, those with sound alone and those that may be films; several of its names are joined by commas.
CONTAINERS: dict[str, FileKind] = {
    "mp3": MP3,
    "aac": AAC,
    "loas": AAC,
    "wav": WAV,
    "w64": W64,
    "flac": FLAC,
    "ogg": OGG,
    "aiff": AIFF,
    "caf": CAF,
    "asf": WMA,
    "xwma": WMA,
    "ac3": AC3,
    "eac3": EAC3,
    "dts": DTS,
    "dtshd": DTS,
    "amr": AMR,
    "au": AU,
    "avi": AVI,
    "flv": FLV,
    "mpegts": MPEG_TS,
    "mpeg": MPEG_PS,
    "wv": WAVPACK,
    "tta": TTA,
    "tak": TAK,
    "ape": APE,
    "mpc": MUSEPACK,
    "mpc8": MUSEPACK,
    "rm": REAL,
    "oma": ATRAC,
    "adx": ADX,
    "wtv": WTV,
    "voc": VOC,
    "dsf": DSD,
    "iff": DSD,
    "truehd": TRUEHD,
    "mlp": TRUEHD,
    "mxf": MXF,
    "nut": NUT,
    "sox": SOX,
    "matroska": WEBM_SOUND,
    "mov": M4A,
}
#: What a container of sound is called where it holds pictures, too.
FILMS: dict[str, FileKind] = {"asf": WMV, "matroska": WEBM, "mov": MP4}


def kind_of_decoded(container: str, has_pictures: bool, by_head: FileKind | None) -> FileKind:
    """The kind of a song that was decoded, which is surer than its first bytes (`by_head`).

    container: ffmpeg's name, where several are joined by commas. has_pictures: whether it is a film.
    """
    name = container.split(",")[0]
    if has_pictures and name in FILMS:
        return MOV if by_head is MOV else FILMS[name]
    return CONTAINERS.get(name) or by_head or M4A
