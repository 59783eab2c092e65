"""The avatar that follows a camera: each of its pictures is answered with what was drawn after it."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
import pytest

from benchmarks.live_scene import live_portrait
from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import Motion
from core.errors import InputError
from live.avatar import AvatarOrder
from live.feed import Picture, SoundBlock
from live.session import following
from live.session.camera_pictures import MOST_SIDE, read_camera_picture
from live.session.following import FollowingAvatar
from live.session.open import open_avatar
from live.session.showing import stage
from live.streaming.mjpeg import jpeg
from tests.live.session.standins import PlainCharacter
from tests.motion.live.faces import face

DARK, LIGHT, EMPTY = 60, 200, 10


class ReadsLight:
    """In the place of the network: the mouth is open where the camera's picture is light; nobody is there where it is black."""

    closed = 0

    def read(self, frame, at_s):
        if frame.mean() < 30:
            return None
        return face(jawOpen=1.0 if frame.mean() > 130 else 0.0)

    def close(self):
        ReadsLight.closed += 1


@pytest.fixture
def avatar(monkeypatch, tmp_path):
    """One of plain parts, ready; and what it tells."""
    monkeypatch.setattr(stage, "Character", PlainCharacter)
    monkeypatch.setattr(following, "LiveFace", ReadsLight)
    made = FollowingAvatar(AvatarOrder(portrait=tmp_path / "no.png", height=128, mode="follow"))
    made.states = []
    made.listen(lambda event: made.states.append(event.values.get("state", event.kind)))
    assert made.ready.wait(30) and not made.failed
    yield made
    made.close()


def camera(level):
    """A picture of the camera, as it comes."""
    return jpeg(np.full((90, 120, 3), level, np.uint8))


def level_of(answer):
    """How light the drawn picture is, where no mark is."""
    return cv2.imdecode(np.frombuffer(answer, np.uint8), cv2.IMREAD_COLOR)[:40].mean()


def show(avatar, level, seconds):
    """Show it a picture for so long; gives the last answer."""
    latest_s = time.monotonic() + seconds
    while True:
        answer = avatar.see(camera(level))
        if time.monotonic() > latest_s:
            return answer


def test_a_picture_is_answered_with_what_the_portrait_does_after_it(avatar):
    assert level_of(avatar.see(camera(LIGHT))) < 60, "the rest is still learned"
    show(avatar, DARK, 1.6)
    assert level_of(show(avatar, LIGHT, 0.3)) > 180
    assert level_of(show(avatar, DARK, 0.4)) < 60
    assert avatar.states[:4] == ["preparing", "unseen", "learning", "following"]
    begin_s = time.monotonic()
    avatar.see(camera(DARK))
    assert time.monotonic() - begin_s < 0.5


def test_who_leaves_is_told_and_the_rest_can_be_learned_anew(avatar):
    show(avatar, DARK, 1.2)
    show(avatar, EMPTY, 0.8)
    assert avatar.states[-1] == "unseen"
    avatar.see(camera(DARK), anew=True)
    assert avatar.states[-1] == "learning"
    show(avatar, DARK, 1.2)
    assert avatar.states[-1] == "following"


def test_others_see_and_hear_it_too(avatar):
    seen, heard = [], []

    def listen(item):
        if isinstance(item, Picture):
            seen.append(item.frame[:40].mean())
        elif isinstance(item, SoundBlock):
            heard.append(int(np.abs(item.samples).max()))

    leave = avatar.feed.listen(listen)
    show(avatar, DARK, 1.5)
    begin_s = time.monotonic()
    while time.monotonic() < begin_s + 0.6:
        avatar.hear(0.5 * np.ones(1600, np.float32))
        show(avatar, LIGHT, 0.09)
    leave()
    assert max(seen) > 180 and max(heard) > 10_000
    assert avatar.figures()["frames"] > 25


def test_what_is_no_picture_of_a_camera_is_refused(avatar):
    png = cv2.imencode(".png", np.zeros((90, 120, 3), np.uint8))[1].tobytes()
    for data in (b"", b"no picture", png, camera(DARK)[:200]):
        with pytest.raises(InputError, match="whole JPEG"):
            avatar.see(data)
    for sides in ((32, 32), (100, MOST_SIDE + 1)):
        with pytest.raises(InputError, match="sides of"):
            read_camera_picture(jpeg(np.zeros((*sides, 3), np.uint8)))
    with pytest.raises(InputError, match="says nothing by itself"):
        avatar.said("Hello")
    assert avatar.transcript() == [] and avatar.timeline() == {"sentences": []}


def test_whoever_waits_is_answered_when_it_ends(avatar):
    show(avatar, DARK, 0.2)
    ended = []

    def look():
        try:
            while True:
                avatar.see(camera(DARK))
        except InputError as error:
            ended.append(error.message.code)

    watcher = threading.Thread(target=look)
    watcher.start()
    before = ReadsLight.closed
    avatar.close()
    watcher.join(10)
    assert ended == ["live.session.not_ready"] and ReadsLight.closed == before + 1


def test_only_pictures_follow(tmp_path):
    order = AvatarOrder(portrait=tmp_path / "no.mp4", mode="follow", source="film")
    with pytest.raises(InputError, match="own movements"):
        open_avatar(order)


def test_a_drawn_mouth_that_opens_before_the_camera_opens_the_portraits(monkeypatch, tmp_path, root_dir, film_cache):
    """Known truth: the demo portrait, drawn with its mouth shut and open, is the camera's picture; the network reads it."""
    portrait, card = live_portrait(root_dir / "demo" / "portrait.jpg", 256, "mesh", film_cache)
    shapes, still = np.zeros((2, 52), np.float32), np.zeros((2, 3), np.float32)
    shapes[1, BLENDSHAPE_INDEX["jawOpen"]] = 0.8
    shut, wide = map(jpeg, card.live(portrait).draw(Motion(25.0, shapes, still, still, still[:, :2], still[:, 0])))
    monkeypatch.setattr(stage, "Character", PlainCharacter)
    made = FollowingAvatar(AvatarOrder(portrait=tmp_path / "no.png", height=128, mode="follow"))
    try:
        assert made.ready.wait(60) and not made.failed
        levels = []
        for picture, seconds in ((shut, 1.6), (wide, 0.6), (shut, 0.6)):
            latest_s = time.monotonic() + seconds
            while time.monotonic() < latest_s:
                answer = made.see(picture)
            levels.append(level_of(answer))
        assert levels[0] < 60 and levels[2] < 60 and levels[1] > 75
    finally:
        made.close()
