"""The command that finds what shapes do, on a film drawn by the mesh engine from a known motion, with a small network."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from animators.liveportrait.checkpoint import weight_files  # noqa: E402
from animators.liveportrait.files import PARTS  # noqa: E402
from animators.liveportrait.fit_file import fit_of, lacking_fit  # noqa: E402
from animators.liveportrait.networks.motion_extractor import MotionExtractor  # noqa: E402
from animators.liveportrait.training import fit_shapes  # noqa: E402
from animators.mesh.runner import MeshRenderer, MeshSettings  # noqa: E402
from core.blendshapes import BLENDSHAPE_INDEX  # noqa: E402
from media.film_writer import FilmWriter  # noqa: E402
from tests.animators.liveportrait.conftest import settled, small_motion  # noqa: E402
from tests.animators.liveportrait.test_runner import still_motion  # noqa: E402

FRAMES = 30


@pytest.fixture
def film(portrait, tmp_path):
    """A mouth that opens and shuts."""
    motion = still_motion(FRAMES)
    motion.blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]] = 0.4 - 0.4 * np.cos(np.arange(FRAMES) / 2)
    height, width = portrait.image.shape[:2]
    path = tmp_path / "talking.mp4"
    with FilmWriter(path, (width, height), 25.0, None, 0.0, FRAMES / 25) as writer:
        for frame in MeshRenderer(MeshSettings(threads=1)).frames(portrait, motion):
            writer.write(frame)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The five files, of which the motion extractor is a small one."""
    monkeypatch.setattr(fit_shapes, "read_motion", lambda file: read_small(file))
    for part in PARTS:
        (tmp_path / f"{part}.pth").touch()
    torch.save(settled(small_motion()).state_dict(), tmp_path / "motion_extractor.pth")
    return tmp_path


def read_small(file) -> MotionExtractor:
    from animators.liveportrait.checkpoint import read_motion

    return read_motion(file, small_motion)


@pytest.mark.slow
def test_a_film_gives_the_fit_of_these_weights(film, folder, monkeypatch, capsys, one_thread):
    command = ["--film", str(film), "--liveportrait-folder", str(folder), "--device", "cpu"]
    assert fit_shapes.main(command) == 2
    assert "The films show 30 faces that can be read; at least 104 are needed" in capsys.readouterr().err
    assert "--film FILM" in str(lacking_fit(folder))
    monkeypatch.setattr(fit_shapes, "LEAST_FACES", 20)
    with monkeypatch.context() as strict:
        strict.setattr(fit_shapes, "LEAST_FORETOLD", 1.0)
        assert fit_shapes.main(command) == 2
    assert "of the changes in faces held out, where 100% are the least" in capsys.readouterr().err
    assert fit_shapes.main(command) == 0
    told = capsys.readouterr().out
    assert told.startswith(str(folder / "shapes-")) and "of the changes in faces held out" in told
    assert lacking_fit(folder) is None
    fit = fit_of(folder, weight_files(folder))
    opened = np.zeros((1, 52), np.float32)
    opened[0, BLENDSHAPE_INDEX["jawOpen"]] = 0.6
    assert np.abs(fit.expression(opened)).max() > 1e-4, "the mouth that opened moves key points"


def test_what_is_not_there_is_told(folder, capsys):
    (folder / "spade_generator.pth").unlink()
    assert fit_shapes.main(["--film", "nothing.mp4", "--liveportrait-folder", str(folder)]) == 2
    assert "LivePortrait's file spade_generator is not in" in capsys.readouterr().err
