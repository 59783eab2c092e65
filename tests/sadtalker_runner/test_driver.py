"""A face that follows the one in a driving film: what is read, and how it is followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.contracts import Motion, Portrait  # noqa: E402
from core.driving import Driving, Strength  # noqa: E402
from core.engine_card import Sound  # noqa: E402
from core.errors import InputError  # noqa: E402
from drawing.resizing import resized  # noqa: E402
from faces.faces import FaceFinder  # noqa: E402
from media.pictures import load_picture  # noqa: E402
from pipeline.film_settings import SongToVideoSettings  # noqa: E402
from sadtalker_runner.driver import followed, read_driver  # noqa: E402
from sadtalker_runner.engine import SADTALKER  # noqa: E402
from sadtalker_runner.options import SadTalkerOptions  # noqa: E402
from tests.driving_films import moved_film  # noqa: E402

OWN = np.linspace(-0.5, 0.7, 73, dtype=np.float32)
SIDE_PX = 256


class Light(torch.nn.Module):
    """In the place of the network, whose published weights are not here: every coefficient is how bright the face is."""

    def __init__(self):
        super().__init__()
        self.backbone = torch.nn.Module()
        self.backbone.conv1 = torch.nn.Conv2d(3, 1, 1)

    def forward(self, picture):
        return picture.mean(dim=(1, 2, 3))[:, None].expand(-1, 257)


@pytest.fixture(scope="module")
def head(root_dir):
    image = resized(load_picture(root_dir / "demo" / "portrait.jpg").image, SIDE_PX, SIDE_PX)
    with FaceFinder() as finder:
        return Portrait(image, finder.find(image)[0])


def motion_of(frames, fps=25.0, shift=0.0):
    zeros = [np.zeros((frames, columns), np.float32) for columns in (52, 3, 3, 2)]
    zeros[2][:, 0] = shift
    return Motion(fps, *zeros, np.zeros(frames, np.float32))


def read(frames=6, seed=3):
    return np.random.default_rng(seed).standard_normal((frames, 70)).astype(np.float32)


class Film:
    """As much of a film as is asked where it was read already."""

    fps, count = 25.0, 6


def driving(film, **more):
    return Driving(film, 0, np.ones(film.count, bool), **more)


def test_the_driver_is_read_frame_by_frame_and_gaps_are_bridged(head):
    gains = np.array([0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    ticks = []
    film = moved_film(head, [0, 5, 10, 15, 20, 25], absent={3}, gains=gains)
    values = read_driver(Light(), Driving(film, 0, np.array([True, True, False, True, True, True])), lambda: ticks.append(1))
    assert values.shape == (6, 70) and len(ticks) == 6
    assert np.allclose(values[:, 0] / values[0, 0], gains / gains[0], rtol=0.02), "the crop goes along with the head"
    with pytest.raises(InputError, match="shows no face that SadTalker could follow"):
        read_driver(Light(), driving(moved_film(head, [0, 0], absent={0, 1})), lambda: None)


def test_a_neutral_driver_and_no_strength_leave_the_portrait():
    still = np.repeat(read(1), 6, axis=0)
    assert np.array_equal(followed(still, OWN, driving(Film()), motion_of(6)), np.repeat(OWN[None, :70], 6, axis=0))
    none = followed(read(), OWN, driving(Film(), strength=Strength(0, 0, 0, 0)), motion_of(6))
    assert np.array_equal(none, np.repeat(OWN[None, :70], 6, axis=0))


def test_relative_and_absolute_and_the_heads_own_shift():
    values = read()
    near = followed(values, OWN, driving(Film()), motion_of(6, shift=0.1))
    assert np.allclose(near[:, :67], OWN[:67] + values[:, :67] - values[0, :67], atol=1e-5)
    assert np.allclose(near[:, 67] - OWN[67], 0.14, atol=1e-5) and np.allclose(near[:, 68:], OWN[68:70], atol=1e-6)
    own = followed(values, OWN, driving(Film(), relative=False), motion_of(6))
    assert np.allclose(own[:, :67], values[:, :67], atol=1e-5)
    half = followed(values, OWN, driving(Film(), strength=Strength(head=0.5, lips=2.0)), motion_of(6))
    assert np.allclose(half[:, :64] - OWN[:64], 2 * (values[:, :64] - values[0, :64]), atol=1e-4)
    assert np.allclose(half[:, 64:67] - OWN[64:67], 0.5 * (values[:, 64:67] - values[0, 64:67]), atol=1e-5)


def test_films_of_other_rates_are_followed_in_time():
    film = Film()
    film.fps, film.count = 50.0, 12
    values = np.repeat(np.arange(12, dtype=np.float32)[:, None], 70, axis=1)
    found = followed(values, OWN, Driving(film, 0, np.ones(12, bool)), motion_of(12, 50.0))
    assert len(found) == 6 and np.allclose(found[:, 5] - OWN[5], [0, 2, 4, 6, 8, 10], atol=1e-5)


def settings_with(**options):
    return SongToVideoSettings(engine="sadtalker", engine_options=SadTalkerOptions(**options), device="cpu")


def test_whoever_else_would_move_the_head_is_refused_and_parts_that_are_one_are_told(head):
    film = moved_film(head, [0])
    with pytest.raises(InputError, match="leave --pose out"):
        SADTALKER.driven(settings_with(pose="voice"), driving(film), Sound(None), print)
    notes = []
    drawer = SADTALKER.driven(settings_with(size=512), driving(film, strength=Strength(lips=0.5)), Sound(None), notes.append)
    assert [note.code for note in notes] == ["sadtalker_runner.face_follows_whole"] and drawer.voice is None
    sounding = replace(driving(film, strength=Strength(lips=0.5)), sounding_lips=True)
    drawer = SADTALKER.driven(settings_with(size=512), sounding, Sound(Path("voice.wav")), notes.append)
    assert len(notes) == 1 and drawer.voice == Path("voice.wav") and drawer.settings.expression_scale == 0.5
