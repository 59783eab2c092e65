"""A film as the character of a session: which part of it is shown, how large, and what can't be one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import Cancelled, InputError
from core.timebase import frame_times_s
from drawing.resizing import resized
from faces.faces import FaceFinder
from faces.tracking.tracks import FaceState
from live.avatar import AvatarOrder
from live.session.open import open_avatar
from live.session.showing.film_character import FilmCharacter, clear_parts
from media.media import FilmWriter
from media.pictures import load_picture
from metrics.aperture import aperture
from motion.live.performer import LivePerformer
from tests.lipsync.mesh_lips.conftest import motion_of
from tests.pipeline.dubbing import faces_of, tone

HEIGHT = 256


def silent(*_):
    return None


def write(path, frames):
    with FilmWriter(path, (HEIGHT, HEIGHT), 25.0, tone(path.with_suffix(".wav"), len(frames) / 25)) as writer:
        for frame in frames:
            writer.write(frame)
    return path


@pytest.fixture(scope="module")
def film(root_dir, tmp_path_factory):
    """The demo portrait, moved a little to and fro, for two seconds; before that nobody, for half a second."""
    picture = resized(load_picture(root_dir / "demo" / "portrait.jpg").image, HEIGHT, HEIGHT)
    frames = [np.full((HEIGHT, HEIGHT, 3), 90, np.uint8)] * 12
    frames += [np.roll(picture, round(4 * np.sin(number / 6)), axis=1) for number in range(50)]
    return write(tmp_path_factory.mktemp("films") / "talk.mp4", frames)


@pytest.fixture
def character(film, own_cache):
    made = FilmCharacter(film, silent)
    yield made
    made.close()


def test_the_part_in_which_the_face_is_seen_speaks(character):
    character.prepare(HEIGHT)
    assert character.size == (HEIGHT, HEIGHT)
    jaw = np.where(np.arange(50) % 20 < 10, 0.0, 0.45).astype(np.float32)
    frames = list(character.drawer(HEIGHT).draw(motion_of(jaw)))
    with FaceFinder() as finder:
        opening = [aperture(finder.find(frames[number])[0].landmarks) for number in (5, 15, 25, 35)]
    assert min(opening[1::2]) > 0.1 > 0.06 > max(opening[::2])


def test_it_is_drawn_smaller_where_the_machine_has_much_to_do(character):
    character.prepare(HEIGHT)
    (frame,) = character.drawer(128).draw(motion_of(np.zeros(1)))
    assert frame.shape == (128, 128, 3)
    with FaceFinder() as finder:
        assert finder.find(resized(frame, HEIGHT, HEIGHT))


def test_it_moves_as_a_performer_says(character):
    character.prepare(HEIGHT)
    motion = LivePerformer(25.0).block(10)
    assert len(list(character.drawer(HEIGHT).draw(motion))) == len(frame_times_s(10, 25.0))


def test_the_longest_part_of_one_shot_is_taken():
    known = faces_of(type("Film", (), {"fps": 25.0, "width": 96, "height": 64, "count": 40})(), 1, slice(30, 34))
    known = replace(known, cuts=np.array([12]))
    assert clear_parts(known, known.tracks[0]) == [(0, 12), (12, 30), (34, 40)]
    lost = replace(known.tracks[0], state=np.full(40, FaceState.SMALL, np.uint8))
    assert clear_parts(known, lost) == []


def test_a_film_without_a_face_and_one_before_green_are_refused(film, tmp_path, own_cache):
    nobody = write(tmp_path / "nobody.mp4", [np.full((HEIGHT, HEIGHT, 3), 90, np.uint8)] * 30)
    with pytest.raises(InputError) as said:
        FilmCharacter(nobody, silent).prepare(HEIGHT)
    assert said.value.message.code == "live.session.no_clear_part"
    with pytest.raises(InputError) as said:
        open_avatar(AvatarOrder(film, source="film", ground="green"))
    assert said.value.message.code == "live.session.film_before_green"


def test_getting_ready_can_be_stopped(film, own_cache):
    def stop(stage, done, total):
        raise Cancelled("live.session.closed")

    with pytest.raises(Cancelled):
        FilmCharacter(film, stop).prepare(HEIGHT)
