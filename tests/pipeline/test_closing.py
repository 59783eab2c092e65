"""Streams that are given up are closed at once, from the last stage to the first, also where somebody still holds them.

The sources here are no generators: CPython would close one as soon as nobody holds it, and hide that nobody closed it.
"""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from core.contracts import Face, HeadFilm, Motion, Performance, Portrait
from core.engine_card import EngineCard, Sound
from core.errors import Cancelled
from core.filter_card import FilterCard
from core.frame_stream import FrameCount, read_ahead
from filters import restore
from filters.restoration import Restoration
from filters.restore import FaceRestorer, RestoreSettings
from neural.gpu_turn import RendererInTurn
from pipeline import steps
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import FilteredRenderer
from pipeline.run import Run
from pipeline.steps import FilmPicture, SongExcerpt
from sadtalker_runner import pose_film
from separation.runner import SpleeterSeparator

FRAME = np.zeros((64, 64, 3), np.uint8)
FACE = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), (0.0, 0.0, 0.0), (16.0, 16.0, 48.0, 48.0))
PORTRAIT = Portrait(FRAME, FACE)
MOTION = Motion(25.0, *(np.zeros((8, columns), np.float32) for columns in (52, 3, 3, 2)), np.zeros(8, np.float32))


class Kept:
    """An endless stream that stays open until somebody closes it."""

    def __init__(self, item=FRAME):
        self.item, self.closed = item, False

    def __iter__(self):
        return self

    def __next__(self):
        assert not self.closed
        return self.item

    def close(self):
        self.closed = True


def given_up(stream):
    """Take one item, then close the stream."""
    next(stream)
    stream.close()


def drawing(kept):
    """A renderer, and a filter, whose stream is `kept`."""
    return SimpleNamespace(frames=lambda *given: kept, apply=lambda *given: kept, step=2)


def test_counted_frames():
    source = Kept()
    given_up(FrameCount(lambda *told: None, "frames", 8).counted(source))
    assert source.closed


def test_frames_made_ahead():
    source = Kept()
    given_up(read_ahead(source, 2))
    assert source.closed


def chained(drawer, *streams, draws_head=False):
    """What an engine draws, through a filter for each stream."""
    engine = EngineCard("plain", "Plain", "tests", None, draws_head=draws_head)
    chain = tuple(FilterCard("kept", 100, lambda *given, kept=kept: drawing(kept), None) for kept in streams)
    return FilteredRenderer(drawer, engine, chain, SongToVideoSettings(device="cpu"), Sound(None), pytest.fail)


def test_filtered_frames():
    drawn, filtered, again = Kept(), Kept(), Kept()
    given_up(chained(drawing(drawn), filtered, again).frames(PORTRAIT, MOTION))
    assert drawn.closed and filtered.closed and again.closed


def test_frames_in_turn():
    torch = pytest.importorskip("torch")
    drawn = Kept()
    given_up(RendererInTurn(lambda: drawing(drawn), torch.device("cpu")).frames(None, MOTION))
    assert drawn.closed


def test_restored_frames():
    frames, restored = Kept(), Kept()
    restorer = SimpleNamespace(device_type="cuda", apply=lambda *given: restored)
    given_up(Restoration(restorer, 8, pytest.fail).apply(frames))
    assert frames.closed and restored.closed


def test_the_faces_that_are_restored(monkeypatch):
    pytest.importorskip("torch")
    found, posed = Kept(), Kept(restore.Posed(FRAME, None, None))
    monkeypatch.setattr(restore, "posed_frames", lambda *given: found)
    monkeypatch.setattr(restore, "steadied", lambda *given: posed)
    restorer = FaceRestorer(25.0, RestoreSettings(strength=0.5, device="cpu"), None, network=lambda *given: None)
    given_up(restorer.apply(Kept()))
    assert found.closed and posed.closed
    again = Kept(restore.Posed(FRAME, None, None))
    monkeypatch.setattr(restorer, "_posed", lambda frames: again)
    given_up(restorer.apply(Kept()))
    assert again.closed


def test_heads_put_back_into_their_pictures():
    squares, pictures = Kept(), Kept()
    head = SimpleNamespace(head_film=lambda *given: HeadFilm((0.0, 0.0, 64.0, 64.0), 64, squares))
    given_up(chained(head, pictures, draws_head=True).frames(PORTRAIT, MOTION))
    assert squares.closed and pictures.closed


def test_squares_are_closed_where_nothing_was_drawn_yet(monkeypatch):
    squares = Kept()
    head = SimpleNamespace(head_film=lambda *given: HeadFilm((0.0, 0.0, 64.0, 64.0), 64, squares))

    def fail(*given):
        raise Cancelled("Stopped.")

    monkeypatch.setattr("pipeline.filter_chain.choose_device", fail)
    with pytest.raises(Cancelled):
        next(chained(head, draws_head=True).frames(PORTRAIT, MOTION))
    assert squares.closed


def test_a_film_in_the_making(monkeypatch, tmp_path, root_dir):
    """Its frames are closed, and its part is gone, as soon as it is given up."""
    frames = Kept()

    def stop(*given):
        raise Cancelled("Stopped.")

    monkeypatch.setattr(steps, "write_frames", stop)
    song = root_dir / "demo" / "song.mp3"
    run = Run(None, lambda *told: None, ExitStack())
    excerpt = SongExcerpt(song, 4.0, 1.0, song, "", 25)
    with pytest.raises(Cancelled):
        steps.draw_film(
            run,
            excerpt,
            FilmPicture(ENGINES[0], PORTRAIT, (64, 64)),
            Performance(MOTION),
            drawing(frames),
            tmp_path / "film.mp4",
            SongToVideoSettings(),
        )
    assert frames.closed and list(tmp_path.iterdir()) == []


def test_a_film_whose_head_is_followed(monkeypatch, tmp_path):
    pictures = Kept()

    class Finder:
        def __init__(self, video):
            self.video = video

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

    def stop():
        raise Cancelled("Stopped.")

    monkeypatch.setattr(pose_film, "FaceFinder", Finder)
    monkeypatch.setattr(pose_film, "network_rate_frames", lambda film: pictures)
    with pytest.raises(Cancelled):
        pose_film.pose_of_film(tmp_path / "f.mp4", None, np.zeros(6, np.float32), 3, stop)
    assert pictures.closed


def test_the_decoder_of_a_film_whose_head_is_followed(monkeypatch, tmp_path):
    decoder = Kept()
    monkeypatch.setattr(pose_film, "read_frames", lambda film: decoder)
    monkeypatch.setattr(pose_film, "probe_video", lambda film: SimpleNamespace(fps=25.0))
    given_up(pose_film.network_rate_frames(tmp_path / "f.mp4"))
    assert decoder.closed


@pytest.mark.parametrize("kind", ["mix", "voice alone"])
def test_a_song_that_is_separated(monkeypatch, tmp_path, kind):
    blocks = Kept(np.zeros((1000, 2), np.float32))
    separator = SpleeterSeparator()
    monkeypatch.setattr(separator, "_blocks", lambda mix: blocks)

    def stop(*given):
        raise Cancelled("Stopped.")

    monkeypatch.setattr("separation.runner.gain_of_quiet_sound", lambda *given: 1.0)
    monkeypatch.setattr("separation.stem_files.wav", lambda path, expected_s: nullcontext(SimpleNamespace(write=stop)))
    monkeypatch.setattr("separation.runner.separate_blocks", lambda blocks, network, gain: ((block, block) for block in blocks))
    paths = (tmp_path / "voice.wav", tmp_path / "rest.wav")
    with pytest.raises(Cancelled):
        if kind == "mix":
            separator._write_separated(tmp_path / "mix.wav", None, paths, 1.0, 1.0, lambda seconds: None)
        else:
            separator._write_unseparated(tmp_path / "mix.wav", kind, paths, 1.0)
    assert blocks.closed
