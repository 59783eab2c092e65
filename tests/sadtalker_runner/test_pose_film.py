"""A head that follows the one in another film."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")

from core.errors import Cancelled, InputError  # noqa: E402
from media.media import FilmWriter  # noqa: E402
from media.pictures import load_picture  # noqa: E402
from sadtalker_runner.pose_film import bridged, forth_and_back, pose_of_film  # noqa: E402

FIRST = np.linspace(-0.2, 0.3, 6, dtype=np.float32)
SIDE_PX = 256
FILM_FPS = 50


class Tilt(torch.nn.Module):
    """In the place of the network, whose published weights are not here: its angles and translations are where light is."""

    def __init__(self):
        super().__init__()
        self.backbone = torch.nn.Module()
        self.backbone.conv1 = torch.nn.Conv2d(3, 1, 1)

    def forward(self, picture):
        light = picture.mean(dim=1)
        places = torch.linspace(-1, 1, light.shape[-1])
        out = torch.zeros(len(picture), 257)
        out[:, 224:] = (light * places).sum(dim=(1, 2))[:, None] / light.sum(dim=(1, 2))[:, None]
        return out


@pytest.fixture(scope="module")
def network():
    return Tilt()


@pytest.fixture(scope="module")
def write_film(shared_dir, tmp_path_factory):
    """Makes a film of 28 frames at 50 a second in which a real head tips by so many degrees a frame; `person` False: no head."""
    folder = tmp_path_factory.mktemp("pose")
    silence = folder / "silence.wav"
    soundfile.write(silence, np.zeros(16000), 16000)
    portrait = load_picture(shared_dir / "portraits" / "woman_photo.jpg").image
    portrait = cv2.resize(portrait, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)

    def write(name, roll_deg, person=True):
        path = folder / name
        with FilmWriter(path, (SIDE_PX, SIDE_PX), FILM_FPS, silence, duration_s=28 / FILM_FPS) as writer:
            for i in range(28):
                turn = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX / 2), roll_deg * i, 1)
                frame = cv2.warpAffine(portrait, turn, (SIDE_PX, SIDE_PX), borderMode=cv2.BORDER_REPLICATE)
                writer.write(frame if person else np.full_like(frame, 99))
        return path

    return write


def nothing():
    pass


@pytest.mark.slow
def test_a_head_follows_the_film_and_a_short_one_runs_forth_and_back(network, write_film):
    pose = pose_of_film(write_film("tips.mp4", 0.8), network, FIRST, 40, nothing)
    assert pose.shape == (40, 6) and pose.dtype == np.float32
    assert np.allclose(pose[0], FIRST), "it begins with the portrait's own pose"
    assert (pose[14:27] == pose[12::-1][:13]).all() and (pose[26:40] == pose[:14]).all(), "14 poses, a 25th of a second each"
    still = pose_of_film(write_film("still.mp4", 0.0), network, FIRST, 14, nothing)
    assert np.abs(pose[13] - FIRST).max() > 5 * np.abs(still - FIRST).max(), "the one head moves, the other does not"


def test_no_more_of_the_film_is_read_than_is_needed_and_it_can_be_stopped(network, write_film):
    told = []
    assert len(pose_of_film(write_film("again.mp4", 0.5), network, FIRST, 3, lambda: told.append(1))) == 3
    assert len(told) == 3

    def stop():
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        pose_of_film(write_film("stopped.mp4", 0.5), network, FIRST, 3, stop)


def test_a_film_without_a_face_ends_in_a_sentence(network, write_film, tmp_path, root_dir):
    with pytest.raises(InputError, match="shows no face that can be followed"):
        pose_of_film(write_film("empty.mp4", 0.0, person=False), network, FIRST, 2, nothing)
    with pytest.raises(InputError, match="accepted"):
        pose_of_film(root_dir / "pyproject.toml", network, FIRST, 2, nothing)


def test_a_face_that_is_lost_is_bridged(tmp_path):
    poses = np.repeat(np.array([[np.nan], [1.0], [np.nan], [np.nan], [4.0], [np.nan]]), 6, axis=1)
    assert bridged(poses, tmp_path)[:, 3].tolist() == [1, 1, 2, 3, 4, 4]


@pytest.mark.parametrize(("available", "expected"), [(1, [0] * 7), (2, [0, 1, 0, 1, 0, 1, 0]), (4, [0, 1, 2, 3, 2, 1, 0])])
def test_forth_and_back(available, expected):
    assert forth_and_back(available, 7).tolist() == expected
