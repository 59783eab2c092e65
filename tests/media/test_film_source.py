"""Films of every kind, made by ffmpeg, opened as source of frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import InputError
from media.film_loop import LOOP_KINDS, loop_index, loop_length, looped_frames
from media.film_opening import open_film, rate_of
from media.film_source import Damage, clock
from tests.media.sounds import ffmpeg

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "4")
#: A film whose frame number n is grey of level 16 + 4 n, in yuv's limited range.
COUNTING = "color=black:s=64x48:r=25:d=2,geq=lum='16+4*N':cb=128:cr=128"


def levels(frames) -> list[int]:
    """The grey level of each frame, in steps of the counting film."""
    return [round((float(frame[24, 32, 1]) * 219 / 255) / 4) for frame in frames]


def made(path: Path, *arguments: object) -> Path:
    ffmpeg(*arguments, path)
    return path


@pytest.fixture(scope="module")
def counting(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("films") / "counting.mp4"
    return made(path, "-f", "lavfi", "-i", COUNTING, *X264, "-g", "10", "-pix_fmt", "yuv420p")


def test_frames_are_counted_and_read_again(counting):
    film = open_film(counting)
    assert (film.fps, film.width, film.height, film.count, film.has_sound, film.notes) == (25.0, 64, 48, 50, False, ())
    assert film.duration_s == 2.0
    for _ in range(2):
        assert levels(film.frames()) == list(range(50))
    assert levels(film.frames(47)) == [47, 48, 49]
    assert levels(film.frames(3, 4)) == [3, 4, 5, 6]
    frames = film.frames()
    assert next(frames).flags.writeable
    frames.close()


def test_a_part_of_a_film(counting):
    part = open_film(counting, start_s=0.6, duration_s=0.4)
    assert (part.start_s, part.count) == (0.6, 10)
    assert levels(part.frames()) == list(range(15, 25))
    assert open_film(counting, start_s=1.9, duration_s=10).count == 2
    with pytest.raises(InputError, match="can't begin at 2 s"):
        open_film(counting, start_s=2.0)


def test_reading_begins_anywhere_in_a_long_film(tmp_path):
    """Asked from the middle, the same frames come as from the beginning."""
    picture = "testsrc=s=64x48:r=25:d=12"
    long = made(tmp_path / "long.mp4", "-f", "lavfi", "-i", picture, *X264, "-g", "40", "-bf", "2", "-pix_fmt", "yuv420p")
    film = open_film(long)
    every = list(film.frames())
    assert len(every) == film.count == 300
    for first in (149, 250, 299):
        for expected, frame in zip(every[first:], film.frames(first), strict=True):
            assert np.array_equal(expected, frame)
    part = open_film(long, start_s=8.0)
    assert np.array_equal(next(part.frames()), every[200])


def test_a_varying_rate_becomes_constant_by_the_pictures_times(tmp_path):
    """After a second of 25 a picture stays for 0.4 s, and the rest is later by that."""
    late = "setpts='PTS+if(gte(N,25),0.4/TB,0)'"
    path = made(tmp_path / "v.mkv", "-f", "lavfi", "-i", f"{COUNTING},{late}", *X264, "-fps_mode", "vfr", "-pix_fmt", "yuv420p")
    film = open_film(path)
    assert (film.fps, film.count) == (25.0, 60)
    shown = levels(film.frames())
    assert shown[:25] == list(range(25))
    assert shown[35:] == list(range(25, 50))
    assert set(shown[25:35]) <= {24, 25}
    assert [note.code for note in film.notes] == ["media.film_rate_made_constant"]


@pytest.mark.parametrize(
    ("intervals_s", "rate", "varies"),
    [
        ([0.033, 0.034, 0.033] * 30, "30", False),
        ([0.033, 0.034, 0.033, 0.03347] * 300, "30000/1001", False),
        ([1001 / 24000] * 10, "24000/1001", False),
        ([1 / 30] * 10 + [0.1] + [1 / 29.8] * 5, "30", True),
        ([1 / 240] * 10, "60", False),
        ([0.5] * 10, "25", False),
        ([], "25", False),
        ([0.1, 3.0], "25", True),  # none is near the middle of two
        ([0.0, 0.0], "25", False),
    ],
)
def test_rates(intervals_s, rate, varies):
    found, found_varying = rate_of(intervals_s)
    assert float(found) == pytest.approx(float(Fraction(rate)), rel=2e-3)
    assert found_varying == varies


def test_rotated_phone_films_stand_upright(tmp_path, counting):
    lying = made(tmp_path / "lying.mp4", "-f", "lavfi", "-i", "testsrc=s=96x64:r=10:d=0.5", *X264, "-pix_fmt", "yuv420p")
    turned = made(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", lying, "-c", "copy")
    film = open_film(turned)
    assert (film.width, film.height) == (64, 96)
    upright, stored = next(film.frames()), next(open_film(lying).frames())
    assert np.abs(upright.astype(int) - np.rot90(stored)).mean() < 4


def test_pixels_become_square(tmp_path):
    wide = made(tmp_path / "w.mp4", "-f", "lavfi", "-i", "testsrc=s=96x64:r=10:d=0.3,setsar=16/11", *X264, "-pix_fmt", "yuv420p")
    assert (open_film(wide).width, open_film(wide).height) == (140, 64)
    high = made(tmp_path / "h.mp4", "-f", "lavfi", "-i", "testsrc=s=96x64:r=10:d=0.3,setsar=1/2", *X264, "-pix_fmt", "yuv420p")
    assert next(open_film(high).frames()).shape == (128, 96, 3)


def test_an_odd_size_loses_no_row(tmp_path):
    odd = made(tmp_path / "odd.mp4", "-f", "lavfi", "-i", "testsrc=s=65x47:r=10:d=0.3", *X264, "-pix_fmt", "yuv444p")
    film = open_film(odd)
    assert (film.width, film.height) == (66, 48)
    frame = next(film.frames())
    assert np.array_equal(frame[46], frame[47])
    assert np.array_equal(frame[:, 64], frame[:, 65])
    assert [note.code for note in film.notes] == ["media.film_made_even"]


def test_ten_bits_and_high_dynamic_range(tmp_path):
    """White at 203 cd/m2 in PQ stays bright, and grey stays grey; ten bits alone change nothing."""
    ten = made(tmp_path / "10.mp4", "-f", "lavfi", "-i", COUNTING, *X264, "-profile:v", "high10", "-pix_fmt", "yuv420p10le")
    assert levels(open_film(ten).frames()) == list(range(50))
    tags = ("-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_range", "tv", "-color_trc")
    for transfer, code in (("smpte2084", 0.58), ("arib-std-b67", 0.75)):
        grey = f"color=black:s=64x48:r=25:d=0.2,format=yuv420p10le,geq=lum={round(64 + 876 * code)}:cb=512:cr=512"
        params = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
        path = tmp_path / f"{transfer}.mp4"
        film = open_film(made(path, "-f", "lavfi", "-i", grey, *X264, "-x264-params", params, *tags, transfer))
        frame = next(film.frames()).astype(int)
        assert film.pictures.hdr
        assert [note.code for note in film.notes] == ["media.film_tone_mapped"]
        assert np.ptp(frame[24, 32]) <= 4
        assert 120 <= frame[24, 32, 1] <= 250


def test_interlaced_films_become_whole_pictures(tmp_path):
    """A bar that moves sideways is torn into a comb by its fields; afterwards neighbouring rows agree again."""
    bar = "color=black:s=128x64:r=50:d=1,geq=lum='16+200*between(X,2*N,2*N+20)':cb=128:cr=128"
    moving = f"{bar},tinterlace=interleave_top,setfield=tff"
    told = made(tmp_path / "i.mp4", "-f", "lavfi", "-i", moving, *X264, "-flags", "+ilme+ildct", "-pix_fmt", "yuv420p")
    silent = made(tmp_path / "i.avi", "-f", "lavfi", "-i", moving, "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p")
    for path in (told, silent):
        film = open_film(path)
        assert [note.code for note in film.notes] == ["media.film_deinterlaced"], path
        frame = list(film.frames())[10].astype(int)
        assert film.fps == 25
        assert np.abs(frame[21:40:2] - frame[20:39:2]).mean() < 6
    assert not open_film(made(tmp_path / "p.avi", "-f", "lavfi", "-i", "testsrc=s=128x64:r=25:d=1", "-c:v", "mjpeg")).notes


def test_the_damaged_middle_is_passed_over_and_told(tmp_path):
    source = "testsrc=s=128x96:r=25:d=4"
    path = made(tmp_path / "f.mkv", "-f", "lavfi", "-i", source, *X264, "-g", "25", "-pix_fmt", "yuv420p")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = bytes(np.random.default_rng(0).integers(0, 256, 3000, np.uint8))
    path.write_bytes(content)
    film, damage = open_film(path), Damage()
    frames = list(film.frames(damage=damage))
    assert len(frames) == film.count
    assert 95 <= film.count <= 100
    assert [note.code for note in damage.notes()] == ["media.film_damaged_at"]
    assert 0.5 <= damage.times_s[0] <= 3.5
    whole = Damage()
    assert sum(1 for _ in open_film(path, duration_s=0.5).frames(damage=whole)) == 12


def click_film(path: Path, sound_delay_s: float, picture_delay_s: float) -> Path:
    """White at frame 25 and a click at 1 s, each later by its delay."""
    flash = "color=black:s=32x32:r=25:d=2,geq=lum='if(eq(N,25),235,16)':cb=128:cr=128"
    click = "aevalsrc='if(between(t,1,1.002),0.9,0)':s=48000:d=2"
    late = ("-itsoffset", sound_delay_s, "-f", "lavfi", "-i", click)
    return made(path, "-itsoffset", picture_delay_s, "-f", "lavfi", "-i", flash, *late, *X264, "-c:a", "flac", "-ac", "2")


@pytest.mark.parametrize(("sound_delay_s", "picture_delay_s"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.24)])
def test_the_sound_begins_with_the_first_frame(tmp_path, sound_delay_s, picture_delay_s):
    film = open_film(click_film(tmp_path / "c.mkv", sound_delay_s, picture_delay_s))
    sound, rate = soundfile.read(film.write_sound(tmp_path / "c.wav"))
    assert len(sound) == round(film.duration_s * rate)
    white = [index for index, frame in enumerate(film.frames()) if frame[16, 16, 0] > 100]
    heard_s = int(np.argmax(np.abs(sound[:, 0]))) / rate
    assert white == [25]
    assert heard_s - 1.0 == pytest.approx(sound_delay_s - picture_delay_s, abs=0.005)
    part = open_film(film.path, start_s=0.4)
    sound, _ = soundfile.read(part.write_sound(tmp_path / "p.wav"))
    assert int(np.argmax(np.abs(sound[:, 0]))) / rate == pytest.approx(heard_s - 0.4, abs=0.001)


def test_one_frame_covers_and_no_film(tmp_path, wav):
    one = made(tmp_path / "1.mp4", "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=0.04", *X264, "-pix_fmt", "yuv420p")
    assert len(list(open_film(one).frames())) == open_film(one).count == 1
    with pytest.raises(InputError, match="no sound"):
        open_film(one).write_sound(tmp_path / "s.wav")
    cover = made(tmp_path / "cover.png", "-f", "lavfi", "-i", "testsrc=s=64x48:d=1", "-frames:v", "1")
    disposition = ("-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "copy", "-disposition:v", "attached_pic")
    song = made(tmp_path / "song.m4a", "-i", wav, "-i", cover, *disposition)
    for nothing in (song, wav):
        with pytest.raises(InputError, match="no pictures"):
            open_film(nothing)
    with pytest.raises(InputError, match="does not exist"):
        open_film(tmp_path / "no.mp4")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(one.read_bytes()[:200])
    with pytest.raises(InputError, match="can't be read"):
        open_film(broken)


def test_films_that_go_on(counting):
    part = open_film(counting, duration_s=0.2)
    assert [loop_index(index, 5, "bounce") for index in range(14)] == [0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3, 4, 3]
    assert [loop_index(index, 5, "hold") for index in (0, 4, 5, 99)] == [0, 4, 4, 4]
    assert [loop_index(index, 1, "bounce") for index in (0, 1, 7)] == [0, 0, 0]
    assert [loop_length(5, 12, how) for how in LOOP_KINDS] == [5, 12, 12]
    with pytest.raises(IndexError):
        loop_index(5, 5, "cut")
    for how in LOOP_KINDS:
        expected = [loop_index(index, 5, how) for index in range(loop_length(5, 14, how))]
        assert levels(looped_frames(part, 14, how)) == expected
    assert levels(looped_frames(part, 3, "bounce")) == [0, 1, 2]


def test_backwards_in_pieces(counting, monkeypatch):
    monkeypatch.setattr("media.film_loop.BACKWARD_BYTES", 7 * 64 * 48 * 3)
    film = open_film(counting)
    expected = [loop_index(index, 50, "bounce") for index in range(130)]
    assert levels(looped_frames(film, 130, "bounce")) == expected


def test_clock():
    assert [clock(time_s) for time_s in (0.9, 72, 3723)] == ["0:00", "1:12", "1:02:03"]
