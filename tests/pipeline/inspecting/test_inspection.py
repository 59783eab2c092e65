"""The look at a file in a process of its own: what it finds, and that nothing gets out of its limits."""

from __future__ import annotations

import io
import re
import subprocess

import numpy as np
import pytest
import soundfile
from PIL import Image

from core.contracts import Face
from core.errors import InputError, KindError
from media.ffmpeg_run import ffmpeg_path
from media.file_kinds import check_picture_kind, check_song_kind, kind_of
from media.waveform import MAX_PEAKS, declared_s, read_shape
from pipeline.engine_list import ENGINES
from pipeline.face_check import judge_faces
from pipeline.inspecting.engines import engines_lacking
from pipeline.inspecting.inspection import (
    inspect_picture,
    inspect_song,
)
from tests.conftest import ROOT


def converted(source, target, *options):
    subprocess.run([ffmpeg_path(), "-v", "error", "-i", str(source), *options, "-y", str(target)], check=True)
    return target


def test_the_waveform_is_that_of_an_independent_reader(swelling):
    shape = read_shape(swelling, 60)
    assert shape.duration_s == 10 and len(shape.peaks) == 500
    samples = np.abs(soundfile.read(swelling)[0]).max(axis=1)
    expected = np.array([stretch.max() for stretch in np.array_split(samples, 500)])
    np.testing.assert_allclose(shape.peaks, expected / expected.max(), atol=0.02)
    assert max(shape.peaks[:100]) == 0 and shape.peaks[-1] == 1


def test_a_long_song_has_no_more_peaks_than_a_page_shows(demo_song):
    shape = read_shape(demo_song, 60)
    assert len(shape.peaks) == MAX_PEAKS and max(shape.peaks) == 1 and not shape.has_pictures


@pytest.fixture(scope="module")
def demo_song():
    return ROOT / "demo" / "song.mp3"


def test_no_more_is_decoded_than_is_accepted(swelling):
    with pytest.raises(InputError, match=r"longer than 0\.05 minutes"):
        read_shape(swelling, 3)
    assert read_shape(swelling, 10).duration_s == 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "mime"),
    [
        ("s.mp3", (), "audio/mpeg"),
        ("s.flac", (), "audio/flac"),
        ("s.ogg", (), "audio/ogg"),
        ("s.opus", (), "audio/ogg"),
        ("s.m4a", (), "audio/mp4"),
        ("s.aac", (), "audio/aac"),
        ("s.aiff", (), "audio/aiff"),
        ("s.caf", (), "audio/x-caf"),
        ("s.w64", (), "audio/x-w64"),
        ("s.webm", (), "audio/webm"),
        ("s.mkv", (), "audio/webm"),
        ("s.wma", (), "audio/x-ms-wma"),
        ("s.ac3", (), "audio/ac3"),
        ("s.eac3", (), "audio/eac3"),
        ("s.dts", ("-strict", "-2", "-ar", "44100"), "audio/vnd.dts"),
        ("s.amr", ("-ar", "8000", "-ac", "1", "-c:a", "libopencore_amrnb"), "audio/amr"),
        ("s.au", (), "audio/basic"),
        ("s.wv", (), "audio/x-wavpack"),
        ("s.tta", (), "audio/x-tta"),
        ("s.voc", (), "audio/x-voc"),
        ("s.rm", ("-c:a", "ac3"), "application/vnd.rn-realmedia"),
        ("s.nut", (), "video/x-nut"),
        ("film.avi", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/x-msvideo"),
        ("film.wmv", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/x-ms-wmv"),
        ("film.flv", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-ar", "44100", "-shortest"), "video/x-flv"),
        ("film.ts", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/mp2t"),
        ("film.m2ts", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/mp2t"),
        ("film.mpg", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/mpeg"),
        ("film.mkv", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/webm"),
        ("film.mp4", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/mp4"),
        ("film.mov", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/quicktime"),
        ("film.webm", ("-f", "lavfi", "-i", "color=s=64x64:d=1", "-shortest"), "video/webm"),
    ],
)
def test_every_accepted_kind_is_known_whatever_its_name(swelling, tmp_path, name, options, mime):
    made = converted(swelling, tmp_path / name, *options)
    renamed = made.rename(tmp_path / "anything.txt")
    facts = inspect_song(renamed, 60)
    assert facts.mime == mime and kind_of(renamed.read_bytes()[:4096]) is not None


@pytest.mark.parametrize(
    ("kind", "mime"),
    [
        ("PNG", "png"),
        ("JPEG", "jpeg"),
        ("WEBP", "webp"),
        ("AVIF", "avif"),
        ("HEIF", "heic"),
        ("GIF", "gif"),
        ("TIFF", "tiff"),
        ("BMP", "bmp"),
    ],
)
def test_every_accepted_kind_of_picture_is_known(tmp_path, kind, mime):
    import pillow_heif

    pillow_heif.register_heif_opener()
    Image.new("RGB", (64, 64), "grey").save(tmp_path / "picture", "HEIF" if mime == "heic" else mime.upper())
    assert check_picture_kind(tmp_path / "picture").mime == f"image/{mime}"
    with pytest.raises(KindError, match="not a song"):
        check_song_kind(tmp_path / "picture")


def test_the_first_bytes_never_break_the_reader():
    """Cut anywhere, and with any byte before: an answer, whatever it is."""
    heads = [b"\x00\x00\x00\x18ftypheic", b"RIFF\x00\x00\x00\x00WEBP", b"\xff\xfb\x90\x00", b"<?xml version='1.0'?><svg/>"]
    for head in heads:
        for end in range(len(head) + 1):
            kind_of(head[:end])
    for byte in range(256):
        kind_of(bytes([byte]))


@pytest.mark.slow
def test_a_portrait_gives_its_face_and_a_small_picture(tmp_path):
    portrait = ROOT / "demo" / "portrait.jpg"
    facts = inspect_picture(portrait, tmp_path / "thumb.jpg", 50_000_000)
    assert len(facts.faces) == 1 and facts.faces[0].reason is None
    with Image.open(tmp_path / "thumb.jpg") as thumbnail:
        assert max(thumbnail.size) == 960
    assert [path.name for path in tmp_path.iterdir()] == ["thumb.jpg"]


def face(box, yaw=0.0):
    return Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), (yaw, 0.0, 0.0), box)


@pytest.mark.slow
def test_a_drawing_is_known_and_its_face_found(shared_dir, tmp_path):
    facts = inspect_picture(shared_dir / "portraits" / "anime_rgba.png", tmp_path / "thumb.jpg", 50_000_000)
    assert facts.drawing and (facts.width, facts.height) == (512, 512)
    ((left, top, right, bottom),) = [face.box for face in facts.faces]
    assert 0.38 < left < 0.45 and 0.15 < top < 0.27 and 0.54 < right < 0.62 and 0.33 < bottom < 0.4, "the small head, above"


@pytest.mark.slow
def test_a_drawing_without_a_face_that_is_found_is_left_to_be_framed(shared_dir, tmp_path):
    """The same character from the neck down: a drawing still, and nobody can say where its face would be."""
    with Image.open(shared_dir / "portraits" / "anime_rgba.png") as whole:
        whole.crop((100, 200, 400, 500)).save(tmp_path / "body.png")
    facts = inspect_picture(tmp_path / "body.png", tmp_path / "thumb.jpg", 50_000_000)
    assert facts.drawing and facts.faces == () and (tmp_path / "thumb.jpg").is_file()


@pytest.mark.slow
def test_an_animal_is_marked(shared_dir, tmp_path):
    facts = inspect_picture(shared_dir / "portraits" / "no_face_dog.jpg", tmp_path / "thumb.jpg", 50_000_000)
    assert not facts.drawing and [face.animal for face in facts.faces] == [True]


@pytest.mark.slow
def test_a_picture_of_nobody_is_refused(shared_dir, tmp_path):
    with Image.open(shared_dir / "portraits" / "no_face_dog.jpg") as dog:
        dog.crop((0, 0, 120, 120)).resize((400, 400)).save(tmp_path / "wall.png")
    with pytest.raises(InputError, match="No human face was found"):
        inspect_picture(tmp_path / "wall.png", tmp_path / "thumb.jpg", 50_000_000)


@pytest.mark.slow
def test_what_the_engines_lack_is_asked_in_a_process_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path))
    lacking = engines_lacking({"size": 512})
    assert set(lacking) == {engine.name for engine in ENGINES} and lacking["mesh"] is None
    assert "sadtalker_512" in str(lacking["sadtalker"]) and "python -m weights fetch" in str(lacking["sadtalker"])
    with pytest.raises(InputError, match="--size"):
        engines_lacking({"size": 300})


def test_faces_that_can_not_sing_say_why():
    good, turned, cut = (
        face((10.0, 10.0, 90.0, 110.0)),
        face((100.0, 10.0, 190.0, 110.0), yaw=60.0),
        face((180.0, 0.0, 240.0, 90.0)),
    )
    rows = judge_faces([good, turned, cut], (200, 200))
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert rows[0]["reason"] is None and rows[0]["box"] == [0.05, 0.05, 0.45, 0.55]
    assert rows[1]["reason"]["code"] == "faces.looks_right" and rows[2]["reason"]["code"] == "faces.cut_right"
    assert rows[1]["reason"]["values"] == {"angle": 60.0, "limit": 45.0}
    with pytest.raises(InputError, match="60 degrees"):
        judge_faces([turned, cut], (200, 200))
    with pytest.raises(InputError, match="No human face"):
        judge_faces([], (200, 200))


@pytest.mark.slow
def test_nothing_is_written_for_a_picture_that_is_refused(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (200, 200), "grey").save(buffer, "PNG")
    (tmp_path / "grey.png").write_bytes(buffer.getvalue())
    with pytest.raises(InputError, match="No human face"):
        inspect_picture(tmp_path / "grey.png", tmp_path / "thumb.jpg", 50_000_000)
    assert [path.name for path in tmp_path.iterdir()] == ["grey.png"]


def test_what_leads_elsewhere_or_runs_is_refused_by_name(swelling, tmp_path):
    """Playlists of all kinds, and formats that are programs, stay outside, whatever they are called."""
    sdp = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5000 RTP/AVP 0\n"
    dash = '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>'
    texts = {"a playlist": f"#EXTM3U\n{swelling}\n", "a text": sdp, "an XML file": dash}
    for called, text in texts.items():
        (tmp_path / "song.wma").write_text(text, encoding="utf-8")
        with pytest.raises(KindError, match=f"is {called}, not a song"):
            inspect_song(tmp_path / "song.wma", 60)
    (tmp_path / "song.mp3").write_bytes(b"FWS" + bytes(4000))
    with pytest.raises(KindError, match="is a Flash program"):
        inspect_song(tmp_path / "song.mp3", 60)


@pytest.fixture(scope="module")
def eight_channels(tmp_path_factory):
    """35.6 s of silence on 8 channels at 192 kHz; 25 times that, as a song may last, are 6 MB that took a minute to decode."""
    path = tmp_path_factory.mktemp("sound") / "eight.flac"
    sound = ["-f", "lavfi", "-i", "anullsrc=r=192000:cl=7.1:d=35.6", "-c:a", "flac", "-compression_level", "0"]
    subprocess.run([ffmpeg_path(), "-loglevel", "error", *sound, path], check=True)
    return path


@pytest.mark.slow
def test_more_sound_than_is_accepted_is_refused_before_it_is_decoded(eight_channels, monkeypatch):
    assert eight_channels.stat().st_size < 400_000
    sentence = "eight.flac has 8 channels at 192 kHz, of which at most 9 s are accepted; save it as stereo at 48 kHz."
    monkeypatch.setattr("media.waveform.loudest", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(InputError, match=re.escape(sentence)):
        read_shape(eight_channels, 36)


def test_sound_whose_file_does_not_say_how_much_it_is_ends_in_time(swelling, monkeypatch):
    monkeypatch.setattr("media.waveform.declared_s", lambda log: 0.0)
    monkeypatch.setattr("media.waveform.MOST_SAMPLES_PER_S", 100)
    with pytest.raises(InputError, match="of which at most"):
        read_shape(swelling, 900)


@pytest.mark.parametrize(
    ("log", "seconds"),
    [("  Duration: 00:14:50.25, start: 0.0", 890.25), ("  Duration: 01:00:00.00", 3600), ("  Duration: N/A", 0), ("", 0)],
)
def test_what_a_file_says_of_its_length(log, seconds):
    assert declared_s(f"Input #0, flac, from 'x':\n{log}\n") == seconds
