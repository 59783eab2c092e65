"""Engines that follow a driving film themselves, from film to film, on a CPU with made-up weights: faces are noise."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from animators.adasr.options import AdaSROptions
from animators.mesh.runner import MeshRenderer
from core import film_tags
from core.contracts import BLENDSHAPE_INDEX, Motion
from core.errors import InputError
from drawing.resizing import resized
from media.media import FilmWriter, probe_video, read_frames
from media.pictures import load_picture
from pipeline.film_settings import SongToVideoSettings
from pipeline.portrait_step import prepare
from pipeline.song_to_video import song_to_video
from pipeline.transfer import transfer
from pipeline.transfer_settings import TransferSettings
from tests.animators.adasr.conftest import adasr_path  # noqa: F401 (a fixture)
from weights.sources import sha256_of

pytestmark = [pytest.mark.long, pytest.mark.slow]
FPS, DRIVEN, FRAMES, HEIGHT = 25.0, 14, 2, 320


@pytest.fixture(scope="module")
def portrait(shared_dir):
    """A portrait with much around its head."""
    return shared_dir / "portraits" / "half_body_snow.jpg"


@pytest.fixture(scope="module")
def driving(root_dir, tmp_path_factory):
    """A silent film of a head that turns and opens its mouth."""
    path = tmp_path_factory.mktemp("driving") / "driver.mp4"
    actor, _, _ = prepare(root_dir / "demo" / "portrait.jpg", SongToVideoSettings(height=256, engine="mesh"), lambda *_: None)
    frames = DRIVEN
    shapes, still = np.zeros((frames, 52), np.float32), np.zeros((frames, 3), np.float32)
    shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = np.linspace(0, 0.7, frames)
    turn = still.copy()
    turn[:, 0] = np.linspace(0, 15, frames)
    motion = Motion(FPS, shapes, turn, still, still[:, :2].copy(), np.zeros(frames, np.float32))
    size = actor.image.shape[1], actor.image.shape[0]
    with FilmWriter(path, size, FPS, None, duration_s=frames / FPS) as writer:
        for frame in MeshRenderer().frames(actor, motion):
            writer.write(frame)
    return path


@pytest.fixture
def two_frames(monkeypatch):
    """The driver is seen for longer than a passer-by, and the film ends after two frames: these networks take their time."""
    monkeypatch.setattr("pipeline.transfer.open_sound", lambda *_: (None, FRAMES / 10))


def settings_of(engine, options=None, **more):
    film = SongToVideoSettings(engine=engine, engine_options=options, device="cpu", height=HEIGHT)
    return TransferSettings(film=film, fps=10.0, **more)


def made(portrait, driving, out, settings):
    """The film's metadata, and its frames (T, H, W, 3) less the portrait."""
    report = transfer(portrait, driving, out, settings)
    assert report.frames == FRAMES and report.engine == settings.film.engine
    frames = np.stack(list(read_frames(out))).astype(int)
    return probe_video(out).metadata, frames - resized(load_picture(portrait).image, *frames.shape[1:3]).astype(int)


def assert_the_head_alone_changed(differences):
    """Above and below the head's square the film shows the portrait; in it, something new."""
    usual = np.abs(differences).mean(axis=(0, 3))
    assert usual[-60:].mean() < 4 and usual[:40].mean() < 4 and usual[80:200].max() > 30


@pytest.mark.usefixtures("two_frames")
def test_sadtalker_follows_a_film(portrait, driving, tmp_path, sadtalker_drawing):
    metadata, differences = made(portrait, driving, tmp_path / "o.mp4", settings_of("sadtalker"))
    assert_the_head_alone_changed(differences)
    assert metadata[film_tags.ENGINES] == "sadtalker" and "Wenxuan Zhang" in metadata["copyright"]


@pytest.mark.usefixtures("two_frames")
def test_adasr_follows_a_film(portrait, driving, tmp_path, adasr_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr("animators.adasr.runner.AdaSRRenderer.__init__.__defaults__", ("auto", 256))  # 512 takes a minute
    options = AdaSROptions(adasr_file=adasr_path)
    metadata, differences = made(portrait, driving, tmp_path / "o.mp4", settings_of("adasr", options))
    assert_the_head_alone_changed(differences)
    assert metadata[film_tags.ENGINES] == "adasr" and sha256_of(adasr_path) in metadata["comment"]


def test_what_adasr_cannot_do_is_said(portrait, driving, tmp_path, adasr_path, root_dir):  # noqa: F811
    options = AdaSROptions(adasr_file=adasr_path)
    song = root_dir / "demo" / "song.mp3"
    with pytest.raises(InputError, match="add `--lips-engine mesh`"):
        told = settings_of("adasr", options, sound=song, lips="sound", sound_duration_s=1.0)
        transfer(portrait, driving, tmp_path / "o.mp4", told)
    with pytest.raises(InputError, match="follows driving films alone"):
        song_to_video(portrait, song, tmp_path / "o.mp4", settings_of("adasr", options).film)
    assert list(tmp_path.iterdir()) == []
